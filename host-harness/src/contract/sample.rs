//! Samples of the contract's types, for tests.

use super::{ErrorKind, Report, TaskError};

/// A report that says nothing but a message.
pub(crate) fn report() -> Report {
    Report {
        message: "loading".to_owned(),
        steps: Vec::new(),
        started_at: None,
        completed_at: None,
        metadata: Vec::new(),
        links: Vec::new(),
    }
}

/// An error of this kind, which started nothing.
pub(crate) fn task_error(kind: ErrorKind) -> TaskError {
    TaskError {
        kind,
        code: "code".to_owned(),
        message: "message".to_owned(),
        raw_message: None,
        http_status: None,
        retry_after_ms: None,
        may_have_started: false,
    }
}
