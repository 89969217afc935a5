//! What guests answer with.

use crate::bindings::orchestrator::plugin::types::{
    ErrorKind, Finished, NamedValue, Progress, Report, Running, TaskError, Value, Verdict,
};
use crate::plugin::Answer;

/// A report of one line.
pub fn report(message: impl Into<String>) -> Report {
    Report {
        message: message.into(),
        steps: Vec::new(),
        started_at: None,
        completed_at: None,
        metadata: Vec::new(),
        links: Vec::new(),
    }
}

/// The run has ended well.
pub fn succeeded(message: impl Into<String>) -> Answer {
    succeeded_with(report(message), Vec::new())
}

/// The run has ended well, and these are facts to collect.
pub fn succeeded_with(report: Report, facts: Vec<(&str, String)>) -> Answer {
    let metadata = facts.into_iter().map(|(name, text)| NamedValue { name: name.to_owned(), value: Value::Text(text) });
    let report = Report { metadata: metadata.collect(), ..report };
    Ok(Progress::Finished(Finished { verdict: Verdict::Succeeded, report }))
}

/// The run goes on.
pub fn running(run: impl Into<String>, poll_after_ms: u64) -> Answer {
    Ok(Progress::Running(Running { run: run.into(), poll_after_ms, report: report("it goes on") }))
}

/// The call failed.
pub fn failed(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> TaskError {
    TaskError {
        kind,
        code: code.into(),
        message: message.into(),
        raw_message: None,
        http_status: None,
        retry_after_ms: None,
        may_have_started: false,
    }
}
