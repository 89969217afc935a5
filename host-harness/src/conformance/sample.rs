//! Samples for this module's tests: a descriptor, kits and outcomes.

#![allow(clippy::unnecessary_wraps, reason = "an outcome is a result")]

use crate::CallError;
use crate::conformance::checks::verdicts::{Answered, Outcome};
use crate::conformance::kit::file::Kit;
use crate::contract::sample;
use crate::contract::{
    Descriptor, ErrorKind, Field, FieldKind, Finding, FindingStatus, Finished, Progress, Report, Restrictions, Running,
    TaskError, Value, Verdict,
};

pub(super) fn kit(text: &str) -> Kit {
    Kit::parse(text).unwrap()
}

pub(super) fn field(name: &str) -> Field {
    Field {
        name: name.to_owned(),
        label: name.to_owned(),
        description: format!("What {name} is."),
        kind: FieldKind::Text,
        required: false,
        secret: false,
        restrictions: Restrictions { one_of: Vec::new(), minimum: None, maximum: None },
        default: None,
        example: None,
    }
}

/// A connection of `base_url` and the secret `token`, a task of `job` and the secret `salt`.
pub(super) fn descriptor() -> Descriptor {
    let default = Some(Value::Text("https://api.acme.example/v1".to_owned()));
    Descriptor {
        name: "acme-sync".to_owned(),
        version: "0.1.0".to_owned(),
        tool: "Acme".to_owned(),
        parameters: vec![field("job"), Field { secret: true, ..field("salt") }],
        connection: vec![Field { default, ..field("base_url") }, Field { secret: true, ..field("token") }],
        origins: vec!["https://api.acme.example".to_owned()],
        poll_budget: None,
    }
}

pub(super) fn report() -> Report {
    Report { message: "so it stands".to_owned(), ..sample::report() }
}

pub(super) fn running() -> Outcome {
    let running = Running { run: "r1".to_owned(), poll_after_ms: 1, report: report() };
    Ok(Answered::Progress(Progress::Running(running)))
}

pub(super) fn finished(verdict: Verdict) -> Outcome {
    Ok(Answered::Progress(Progress::Finished(Finished { verdict, report: report() })))
}

pub(super) fn found(status: FindingStatus) -> Outcome {
    let finding = Finding { code: "token_accepted".to_owned(), status, message: "so it is".to_owned() };
    Ok(Answered::Findings(vec![finding]))
}

pub(super) fn task_error(kind: ErrorKind) -> TaskError {
    TaskError {
        kind,
        code: "odd".to_owned(),
        message: "it is odd".to_owned(),
        raw_message: None,
        http_status: None,
        retry_after_ms: None,
        may_have_started: false,
    }
}

pub(super) fn error(kind: ErrorKind) -> Outcome {
    Err(CallError::Task(task_error(kind)))
}
