//! What is wrong with what a call answered. Nothing here does I/O.

use http::StatusCode;

use super::situation::{Expected, Situation};
use super::spoil::Spoil;
use crate::contract::{ErrorKind, Finding, FindingStatus, Progress, TaskError};
use crate::{CallError, Function};

/// What a call answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answered {
    /// To every call but `check`.
    Progress(Progress),
    /// To `check`.
    Findings(Vec<Finding>),
}

/// An answer, or why there is none.
pub(super) type Outcome = Result<Answered, CallError>;

/// An outcome in a few words.
pub(super) fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(Answered::Progress(Progress::Running(running))) => format!("running ({})", running.report.message),
        Ok(Answered::Progress(Progress::Finished(finished))) => {
            format!("{} ({})", finished.verdict, finished.report.message)
        }
        Ok(Answered::Findings(findings)) => {
            let codes: Vec<_> = findings.iter().map(|finding| &*finding.code).collect();
            format!("findings ({})", codes.join(", "))
        }
        Err(CallError::Task(TaskError { kind, code, message, .. })) => {
            format!("the error {}, code {code} ({message})", kind.as_str())
        }
        Err(error) => error.to_string(),
    }
}

/// Whether the outcome is what the situation says.
pub(super) fn of_result(situation: &Situation, outcome: &Outcome) -> Option<String> {
    let problem = |findings: &[Finding]| findings.iter().any(|finding| finding.status == FindingStatus::Problem);
    let fits = match (situation.result, outcome) {
        (Expected::Running, Ok(Answered::Progress(Progress::Running(_)))) => true,
        (Expected::Finished(verdict), Ok(Answered::Progress(Progress::Finished(finished)))) => {
            verdict == finished.verdict
        }
        (Expected::Failed(kind), Err(CallError::Task(error))) => kind == error.kind,
        (Expected::Fine, Ok(Answered::Findings(findings))) => !problem(findings),
        (Expected::Problem, Ok(Answered::Findings(findings))) => problem(findings),
        _ => false,
    };
    if !fits {
        let expected = match situation.result {
            Expected::Running => "running".to_owned(),
            Expected::Finished(verdict) => verdict.to_string(),
            Expected::Failed(kind) => format!("the error {}", kind.as_str()),
            Expected::Fine => "findings without a problem".to_owned(),
            Expected::Problem => "findings with a problem".to_owned(),
        };
        return Some(format!("expected {expected}, found {}", told(outcome)));
    }
    let error = outcome.as_ref().err().and_then(CallError::task_error);
    match (&situation.code, error) {
        (Some(code), Some(error)) if *code != error.code => {
            Some(format!("expected the code {code}, found {}", error.code))
        }
        (Some(code), None) => Some(format!("expected the code {code}, and there is no error")),
        _ => None,
    }
}

/// Whether an error that the tool answered with `status` is told as the engine's users are promised.
pub(super) fn of_speech(situation: &Situation, status: u16, error: &TaskError) -> Option<String> {
    let said = |said: &str| error.raw_message.as_deref().is_some_and(|raw| raw.contains(said));
    if error.http_status != Some(status) {
        return Some(format!("the tool answered {status}, and http-status is {:?}", error.http_status));
    }
    match (status, &situation.says) {
        (401, _) if error.kind != ErrorKind::Unauthorized => {
            Some(format!("a 401 is unauthorized, not {}", error.kind.as_str()))
        }
        (401, None) => Some("the kit does not say which words of the tool a 401 is told in: add `says`".to_owned()),
        (401, Some(words)) if !error.message.contains(&**words) => {
            Some(format!("a 401 is told in the tool's words, {words:?}, not {:?}", error.message))
        }
        (_, Some(words)) if !said(words) => {
            Some(format!("raw-message does not hold the tool's words, {words:?}: {:?}", error.raw_message))
        }
        // A refusal that the plugin knows by name has a message of its own.
        _ if status == 401 || error.code == "already_running" => None,
        _ => {
            let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
            reason
                .filter(|reason| !error.message.contains(reason))
                .map(|reason| format!("a {status} is told by its HTTP reason, {reason:?}, not {:?}", error.message))
        }
    }
}

/// Whether a call dealt rightly with an answer that was spoiled.
pub(super) fn of_spoiled(call: Function, spoil: Spoil, kinds: &[ErrorKind], outcome: &Outcome) -> Option<String> {
    let allowed = match outcome {
        Err(CallError::Task(error)) => kinds.contains(&error.kind),
        // That the tool was asked to stop is known by the status alone.
        Ok(Answered::Progress(Progress::Running(_))) => {
            call == Function::Cancel && matches!(spoil, Spoil::Garbled | Spoil::Empty)
        }
        _ => false,
    };
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    (!allowed).then(|| {
        format!("where the answer {spoil}, expected the error {}, found {}", kinds.join(" or "), told(outcome))
    })
}
