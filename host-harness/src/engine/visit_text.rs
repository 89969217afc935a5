//! Visitor for the texts of a call's result, to redact them.

use crate::contract::{Descriptor, Finding, NamedValue, Progress, Report, TaskError, Value};
use crate::{Call, CallError, Denial};

/// A result whose texts can be visited.
pub(crate) trait VisitText {
    /// Visits every text that people or programs will read.
    fn visit(&mut self, see: &mut dyn FnMut(&mut String));

    /// The run in it, which must be handed back unchanged, so it is not visited.
    fn run(&self) -> Option<&str> {
        None
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

    fn run(&self) -> Option<&str> {
        match self {
            Self::Running(running) => Some(&running.run),
            Self::Finished(_) => None,
        }
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

impl<T: VisitText> VisitText for Call<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&mut String)) {
        match &mut self.outcome {
            Ok(answer) => answer.visit(see),
            Err(CallError::Task(error)) => error.visit(see),
            Err(CallError::BrokenContract { reason, .. } | CallError::Trapped { reason, .. }) => see(reason),
            Err(CallError::NotOffered { .. } | CallError::NotMade { .. } | CallError::LimitExceeded { .. }) => {}
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
