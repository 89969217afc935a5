//! Validation of a plugin's answers against the contract.

use std::collections::BTreeSet;
use std::time::SystemTime;

use crate::contract::{Descriptor, Finding, Progress, Report, StepStatus, Value, Verdict};
use crate::{Exceeded, Limit, Limits, validate_descriptor};

/// A violation for which an answer is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A part is larger than its limit.
    Exceeded(Exceeded),
    /// The answer contradicts itself or the contract.
    Contradiction(String),
}

/// A function's successful return value.
pub(crate) trait Answer {
    /// Rejects what no engine can build on. The merely unusual passes: a verdict must not be lost to a trifle.
    fn check(&self, limits: &Limits) -> Result<(), Flaw>;
}

impl Answer for Descriptor {
    fn check(&self, _: &Limits) -> Result<(), Flaw> {
        let flaws = validate_descriptor(self);
        if flaws.is_empty() { Ok(()) } else { contradiction(flaws.join("; ")) }
    }
}

impl Answer for Vec<Finding> {
    fn check(&self, _: &Limits) -> Result<(), Flaw> {
        Ok(())
    }
}

impl Answer for Progress {
    fn check(&self, limits: &Limits) -> Result<(), Flaw> {
        if let Self::Running(running) = self {
            if running.run.is_empty() {
                return contradiction("it says that the run goes on, and gives nothing to poll it with");
            }
            if running.run.len() > limits.run.0 {
                return Err(Flaw::Exceeded(limits.exceeded(Limit::Run)));
            }
        }
        check_report(self.report())?;
        match self {
            Self::Finished(finished) if finished.verdict == Verdict::Succeeded => check_success(&finished.report),
            _ => Ok(()),
        }
    }
}

fn check_report(report: &Report) -> Result<(), Flaw> {
    let mut names = BTreeSet::new();
    for named in &report.metadata {
        if !names.insert(&named.name) {
            return contradiction(format!("its metadata holds `{}` twice", named.name));
        }
        if matches!(named.value, Value::Decimal(number) if !number.is_finite()) {
            return contradiction(format!("its metadata `{}` is not a number", named.name));
        }
    }
    let (Some(started), Some(completed)) = (time(report.started_at.as_deref()), time(report.completed_at.as_deref()))
    else {
        return Ok(());
    };
    if completed < started { contradiction("it says that the run was completed before it was started") } else { Ok(()) }
}

/// A run cannot succeed with a step that did not.
fn check_success(report: &Report) -> Result<(), Flaw> {
    let failed = report.steps.iter().find(|step| matches!(step.status, StepStatus::Failed | StepStatus::Cancelled));
    match failed {
        Some(step) => {
            contradiction(format!("it says that the run succeeded, and its step `{}` is {}", step.name, step.status))
        }
        None => Ok(()),
    }
}

fn time(text: Option<&str>) -> Option<SystemTime> {
    humantime::parse_rfc3339(text?).ok()
}

fn contradiction(reason: impl Into<String>) -> Result<(), Flaw> {
    Err(Flaw::Contradiction(reason.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Finished, NamedValue, Running, Step, sample};

    fn report() -> Report {
        Report { message: "done".to_owned(), ..sample::report() }
    }

    fn running(run: &str) -> Progress {
        Progress::Running(Running { run: run.to_owned(), poll_after_ms: 1, report: report() })
    }

    fn succeeded(report: Report) -> Progress {
        Progress::Finished(Finished { verdict: Verdict::Succeeded, report })
    }

    fn with_step(status: StepStatus) -> Report {
        let step = Step { name: "tap".to_owned(), status, exit_code: None, message: None };
        Report { steps: vec![step], ..report() }
    }

    fn with_metadata(values: &[Value]) -> Report {
        let named = |value: &Value| NamedValue { name: "rows".to_owned(), value: value.clone() };
        Report { metadata: values.iter().map(named).collect(), ..report() }
    }

    fn with_times(started: &str, completed: &str) -> Report {
        Report { started_at: Some(started.to_owned()), completed_at: Some(completed.to_owned()), ..report() }
    }

    #[test]
    fn an_answer_that_holds_together_is_taken() {
        let times = with_times("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z");
        for answer in [
            running("r"),
            succeeded(report()),
            succeeded(with_step(StepStatus::Succeeded)),
            succeeded(with_step(StepStatus::Unknown)),
            succeeded(with_metadata(&[Value::Integer(1)])),
            succeeded(times),
            // Unusual, but not worth losing a verdict.
            succeeded(with_times("yesterday", "2024-01-01T00:00:00Z")),
            Progress::Finished(Finished { verdict: Verdict::Failed, report: with_step(StepStatus::Failed) }),
        ] {
            assert_eq!(answer.check(&Limits::default()), Ok(()), "{answer:?}");
        }
    }

    #[test]
    fn an_answer_that_contradicts_itself_is_not_taken() {
        for (answer, reason) in [
            (running(""), "it says that the run goes on, and gives nothing to poll it with"),
            (succeeded(with_step(StepStatus::Failed)), "it says that the run succeeded, and its step `tap` is failed"),
            (
                succeeded(with_step(StepStatus::Cancelled)),
                "it says that the run succeeded, and its step `tap` is cancelled",
            ),
            (succeeded(with_metadata(&[Value::Integer(1), Value::Integer(1)])), "its metadata holds `rows` twice"),
            (succeeded(with_metadata(&[Value::Decimal(f64::NAN)])), "its metadata `rows` is not a number"),
            (
                succeeded(with_times("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z")),
                "it says that the run was completed before it was started",
            ),
        ] {
            assert_eq!(answer.check(&Limits::default()), contradiction(reason));
        }
    }

    #[test]
    fn a_run_is_no_longer_than_its_limit() {
        let limits = Limits::default();
        assert_eq!(running(&"r".repeat(limits.run.0)).check(&limits), Ok(()));
        let flaw = Flaw::Exceeded(limits.exceeded(Limit::Run));
        assert_eq!(running(&"r".repeat(limits.run.0 + 1)).check(&limits), Err(flaw));
    }
}
