//! Visitor for the texts of a call's result, to redact them.

use crate::contract::validate::{Answer, Flaw};
use crate::contract::{Descriptor, Finding, NamedValue, Progress, Report, TaskError, Value};
use crate::{Call, CallError, Denial, Limits};

/// A result whose texts can be visited.
pub(crate) trait VisitText {
    /// Visits every text that people or programs will read.
    fn visit(&mut self, see: &mut dyn FnMut(&mut String));

    /// Refuses the runs in it that are to be refused, with the error. Runs must be handed back unchanged, so they are not visited.
    fn refuse_runs(self, _refused: &dyn Fn(&str) -> Option<CallError>) -> Result<Self, CallError>
    where
        Self: Sized,
    {
        Ok(self)
    }
}

impl VisitText for Descriptor {
    /// Visits none: when a plugin describes itself, it was told no secret.
    fn visit(&mut self, _: &mut dyn FnMut(&mut String)) {}
}

impl VisitText for Vec<Finding> {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        for finding in self {
            see(&mut finding.code);
            see(&mut finding.message);
        }
    }
}

impl VisitText for Progress {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Running(running) => running.report.visit(see),
            Self::Finished(finished) => finished.report.visit(see),
        }
    }

    fn refuse_runs(self, refused: &dyn Fn(&str) -> Option<CallError>) -> Result<Self, CallError> {
        let error = if let Self::Running(running) = &self { refused(&running.run) } else { None };
        error.map_or(Ok(self), Err)
    }
}

impl Answer for Vec<Result<Progress, CallError>> {
    /// Passes: each run's own answer is checked as that of its poll.
    fn check(&self, _: &Limits) -> Result<(), Flaw> {
        Ok(())
    }
}

impl VisitText for Vec<Result<Progress, CallError>> {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        for outcome in self {
            match outcome {
                Ok(progress) => progress.visit(see),
                Err(error) => error.visit(see),
            }
        }
    }

    /// One run that is refused is that run's error.
    fn refuse_runs(self, refused: &dyn Fn(&str) -> Option<CallError>) -> Result<Self, CallError> {
        Ok(self.into_iter().map(|outcome| outcome.and_then(|progress| progress.refuse_runs(refused))).collect())
    }
}

impl VisitText for Report {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        let Self { message, steps, started_at, completed_at, metadata, links } = self;
        see(message);
        for step in steps {
            see(&mut step.name);
            step.message.iter_mut().for_each(&mut *see);
        }
        started_at.iter_mut().chain(completed_at).for_each(&mut *see);
        for NamedValue { name, value } in metadata {
            see(name);
            match value {
                Value::Text(text) => see(text),
                // A number becomes a text where it is changed.
                number => {
                    let shown = number.to_string();
                    let mut seen = shown.clone();
                    see(&mut seen);
                    if seen != shown {
                        *number = Value::Text(seen);
                    }
                }
            }
        }
        for link in links {
            see(&mut link.label);
            see(&mut link.url);
        }
    }
}

impl VisitText for TaskError {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        see(&mut self.code);
        see(&mut self.message);
        self.raw_message.iter_mut().for_each(see);
    }
}

impl VisitText for CallError {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Task(error) => error.visit(see),
            Self::BrokenContract { reason, .. } | Self::Trapped { reason, .. } => see(reason),
            Self::NotOffered { .. } | Self::NotMade { .. } | Self::LimitExceeded { .. } => {}
        }
    }
}

impl<T: VisitText> VisitText for Call<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        match &mut self.outcome {
            Ok(answer) => answer.visit(see),
            Err(error) => error.visit(see),
        }
        for request in &mut self.requests {
            see(&mut request.method);
            see(&mut request.path);
            request.outcome.as_mut().err().into_iter().chain(&mut request.reason).for_each(&mut *see);
        }
        for denial in &mut self.denied {
            match denial {
                Denial::Request { method, path, .. } => {
                    see(method);
                    see(path);
                }
                Denial::NoOrigin(text) => see(text),
                _ => {}
            }
        }
        see(&mut self.stderr);
    }
}
