//! Answer summaries: the part of an answer that is the same whoever asks, and however often.

use std::fmt;

use crate::CallError;
use crate::conformance::checks::verdicts::{Answered, Outcome};
use crate::contract::Progress;

/// The part of an answer that an engine acts on. Messages and times may differ between calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// `running`, a verdict, the error kind, `host` where the plugin did not answer, or `findings`.
    pub result: String,
    /// The error code.
    pub code: Option<String>,
    /// The run's steps, or a check's findings: names and statuses.
    pub steps: Vec<(String, String)>,
}

impl Summary {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Ok(Answered::Progress(progress)) => {
                let result = match progress {
                    Progress::Running(_) => "running",
                    Progress::Finished(finished) => finished.verdict.as_str(),
                };
                let steps = progress.report().steps.iter().map(|step| (step.name.clone(), step.status.to_string()));
                Self { result: result.to_owned(), code: None, steps: steps.collect() }
            }
            Ok(Answered::Findings(findings)) => {
                let looked = findings.iter().map(|finding| (finding.code.clone(), finding.status.to_string()));
                Self { result: "findings".to_owned(), code: None, steps: looked.collect() }
            }
            Err(error) => {
                let kind = error.task_error().map_or("host", |error| error.kind.as_str());
                Self { result: kind.to_owned(), code: Some(error.code().to_owned()), steps: Vec::new() }
            }
        }
    }

    /// The difference from another answer.
    pub(crate) fn differs(&self, other: &Self) -> Option<String> {
        (self != other).then(|| format!("first it answered {self}, then {other}"))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.result)?;
        if let Some(code) = &self.code {
            write!(f, " with the code {code}")?;
        }
        let steps: Vec<_> = self.steps.iter().map(|(name, status)| format!("{name} {status}")).collect();
        if steps.is_empty() { Ok(()) } else { write!(f, " ({})", steps.join(", ")) }
    }
}

/// The difference between two outcomes of one call, in what the contract promises of them.
pub(crate) fn differs(first: &Outcome, second: &Outcome) -> Option<String> {
    Summary::of(first).differs(&Summary::of(second))
}

/// True if the call refused its run, or had no answer.
pub(crate) fn unusable(outcome: &Outcome) -> bool {
    match outcome {
        Err(CallError::Task(error)) => error.kind == crate::contract::ErrorKind::InvalidInput,
        Err(_) => true,
        Ok(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{error, finished, report, running};
    use crate::contract::{ErrorKind, Finished, Report, Step, StepStatus, Verdict};

    fn stepped(message: &str, status: StepStatus) -> Answered {
        let step = Step { name: "load".to_owned(), status, exit_code: None, message: None };
        let report = Report { message: message.to_owned(), steps: vec![step], ..report() };
        Answered::Progress(Progress::Finished(Finished { verdict: Verdict::Failed, report }))
    }

    #[test]
    fn another_message_is_the_same_answer_and_another_step_is_not() {
        let first = Ok(stepped("10 rows", StepStatus::Failed));
        assert_eq!(differs(&first, &Ok(stepped("11 rows", StepStatus::Failed))), None);
        assert_eq!(
            differs(&first, &Ok(stepped("10 rows", StepStatus::Unknown))).as_deref(),
            Some("first it answered failed (load failed), then failed (load unknown)")
        );
    }

    #[test]
    fn results_and_codes_are_told_apart() {
        assert_eq!(
            differs(&running(), &error(ErrorKind::Unavailable)).as_deref(),
            Some("first it answered running, then unavailable with the code odd")
        );
        assert!(differs(&finished(Verdict::Failed), &finished(Verdict::Unknown)).is_some());
    }

    #[test]
    fn a_run_is_unusable_where_the_call_was_refused_or_crashed() {
        let crashed = Err(CallError::Trapped { function: crate::Function::Poll, reason: "unreachable".to_owned() });
        assert!(unusable(&error(ErrorKind::InvalidInput)) && unusable(&crashed));
        assert!(!unusable(&error(ErrorKind::NotFound)) && !unusable(&running()));
    }
}
