//! Checks of a call's outcome in a situation. Nothing here does I/O.

use http::StatusCode;

use crate::CallError;
use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::situation::Situation;
use crate::contract::{ErrorKind, Finding, FindingStatus, Progress, TaskError};

/// A plugin's answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answered {
    /// Of every call but `check`.
    Progress(Progress),
    /// Of `check`.
    Findings(Vec<Finding>),
}

/// An answer or an error.
pub(crate) type Outcome = Result<Answered, CallError>;

/// An outcome in a few words.
pub(crate) fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(Answered::Progress(Progress::Running(running))) => format!("running ({})", running.report.message),
        Ok(Answered::Progress(Progress::Finished(finished))) => {
            format!("{} ({})", finished.verdict, finished.report.message)
        }
        Ok(Answered::Findings(findings)) => {
            let codes: Vec<_> = findings.iter().map(|finding| format!("{} {}", finding.code, finding.status)).collect();
            format!("findings ({})", codes.join(", "))
        }
        Err(CallError::Task(TaskError { kind, code, message, .. })) => {
            format!("the error {}, code {code} ({message})", kind.as_str())
        }
        Err(error) => error.to_string(),
    }
}

/// Statuses of a gateway, behind which the tool may have accepted the request.
const GATEWAY: [u16; 3] = [408, 502, 504];

/// True if the last answer leaves open whether a run was started.
fn is_doubtful(situation: &Situation) -> bool {
    situation.last().is_some_and(|exchange| exchange.starts && GATEWAY.contains(&exchange.status))
}

/// Checks that the outcome is the situation's.
pub(crate) fn of_result(situation: &Situation, outcome: &Outcome) -> Option<String> {
    use ErrorKind::{OutcomeUnknown, Unavailable};
    let problem = |findings: &[Finding]| findings.iter().any(|finding| finding.status == FindingStatus::Problem);
    let fits = match (situation.result, outcome) {
        (Expected::Running, Ok(Answered::Progress(Progress::Running(_)))) => true,
        (Expected::Finished(verdict), Ok(Answered::Progress(Progress::Finished(finished)))) => {
            verdict == finished.verdict
        }
        (Expected::Failed(kind), Err(CallError::Task(error))) => {
            let either = [kind, error.kind].iter().all(|kind| [Unavailable, OutcomeUnknown].contains(kind));
            kind == error.kind || (either && is_doubtful(situation))
        }
        (Expected::Fine, Ok(Answered::Findings(findings))) => !problem(findings),
        (Expected::Problem, Ok(Answered::Findings(findings))) => problem(findings),
        _ => false,
    };
    if !fits {
        return Some(format!("expected {}, found {}", situation.result, told(outcome)));
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

/// Checks that an error has the message that the contract promises to users. `status` is that of the tool's last
/// answer.
pub(crate) fn of_speech(situation: &Situation, status: u16, error: &TaskError) -> Option<String> {
    let words = situation.says.as_deref();
    if status >= 400 && error.http_status != Some(status) {
        return Some(format!("the tool answered {status}, and http-status is {:?}", error.http_status));
    }
    match words {
        None if status == 401 => {
            return Some("the kit does not say which words of the tool a 401 is told in: add `says`".to_owned());
        }
        Some(words) if status == 401 && !error.message.contains(words) => {
            return Some(format!("a 401 is told in the tool's words, {words:?}, not {:?}", error.message));
        }
        Some(words)
            if !error.message.contains(words)
                && !error.raw_message.as_deref().is_some_and(|raw| raw.contains(words)) =>
        {
            return Some(format!("raw-message does not hold the tool's words, {words:?}: {:?}", error.raw_message));
        }
        _ => {}
    }
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    // A refusal that the plugin knows by name has its own message.
    let by_reason = status >= 400 && status != 401 && error.code != "already_running";
    // The names of RFC 9110, where older ones are still in use.
    let also = match status {
        413 => Some("Content Too Large"),
        422 => Some("Unprocessable Content"),
        _ => None,
    };
    let told = reason.into_iter().chain(also).any(|reason| error.message.contains(reason));
    reason
        .filter(|_| by_reason && !told)
        .map(|reason| format!("a {status} is told by its HTTP reason, {reason:?}, not {:?}", error.message))
}

/// Checks that the call was refused because of `name`.
pub(crate) fn of_refusal(name: &str, outcome: &Outcome) -> Option<String> {
    match outcome {
        Err(CallError::Task(error)) if error.kind == ErrorKind::InvalidInput => {
            (!error.message.contains(name)).then(|| format!("the message does not name {name}: {:?}", error.message))
        }
        other => Some(format!("expected the error invalid_input, found {}", told(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{error, finished, found, running, task_error};
    use crate::contract::Verdict;

    fn situation(text: &str) -> Situation {
        toml::from_str(&format!("name = 'here'\n{text}")).unwrap()
    }

    #[test]
    fn each_result_is_told_from_every_other() {
        let outcomes = [
            ("running", running()),
            ("succeeded", finished(Verdict::Succeeded)),
            ("failed", finished(Verdict::Failed)),
            ("unavailable", error(ErrorKind::Unavailable)),
            ("outcome_unknown", error(ErrorKind::OutcomeUnknown)),
            ("fine", found(FindingStatus::Warning)),
            ("problem", found(FindingStatus::Problem)),
        ];
        for (result, _) in &outcomes {
            let situation = situation(&format!("call = 'trigger'\nresult = '{result}'"));
            for (name, outcome) in &outcomes {
                assert_eq!(of_result(&situation, outcome).is_none(), name == result, "{result} {name}");
            }
        }
        let wrong = of_result(&situation("call = 'poll'\nresult = 'succeeded'"), &error(ErrorKind::NotFound));
        assert_eq!(wrong.as_deref(), Some("expected succeeded, found the error not_found, code odd (it is odd)"));
    }

    #[test]
    fn a_code_that_the_kit_names_is_the_errors() {
        let situation = situation("call = 'poll'\nresult = 'rejected'\ncode = 'busy'");
        let flaw = of_result(&situation, &error(ErrorKind::Rejected));
        assert_eq!(flaw.as_deref(), Some("expected the code busy, found odd"));
    }

    #[test]
    fn a_gateway_that_answers_a_start_leaves_it_unknown_or_unavailable() {
        for (status, starts, either) in [(502, true, true), (504, true, true), (503, true, false), (502, false, false)]
        {
            let situation = situation(&format!(
                "call = 'trigger'\nresult = 'unavailable'\n[[exchange]]\nrequest = 'POST /jobs'\nstatus = {status}\n\
                 starts = {starts}"
            ));
            assert_eq!(of_result(&situation, &error(ErrorKind::Unavailable)), None);
            let unknown = of_result(&situation, &error(ErrorKind::OutcomeUnknown));
            assert_eq!(unknown.is_none(), either, "{status} {starts}");
        }
    }

    #[test]
    fn an_error_speaks_in_the_tools_words_wherever_they_stood() {
        let says = situation("call = 'trigger'\nresult = 'rejected'\nsays = 'no such job'");
        let mute = situation("call = 'trigger'\nresult = 'rejected'");
        let said = |message: &str, raw: Option<&str>, http_status| TaskError {
            message: message.to_owned(),
            raw_message: raw.map(str::to_owned),
            http_status,
            ..task_error(ErrorKind::Rejected)
        };
        for (situation, status, error, flaw) in [
            (&says, 401, said("no such job", None, Some(401)), None),
            (&says, 200, said("it is odd", Some("oh: no such job"), Some(409)), None),
            (&mute, 404, said("Not Found", None, Some(404)), None),
            (&mute, 404, said("Not Found", None, None), Some("the tool answered 404, and http-status is None")),
            (
                &mute,
                401,
                said("x", None, Some(401)),
                Some("the kit does not say which words of the tool a 401 is told in: add `says`"),
            ),
            (
                &says,
                401,
                said("x", Some("no such job"), Some(401)),
                Some("a 401 is told in the tool's words, \"no such job\", not \"x\""),
            ),
            (
                &says,
                200,
                said("x", Some("y"), Some(200)),
                Some("raw-message does not hold the tool's words, \"no such job\": Some(\"y\")"),
            ),
            (
                &mute,
                503,
                said("x", None, Some(503)),
                Some("a 503 is told by its HTTP reason, \"Service Unavailable\", not \"x\""),
            ),
        ] {
            assert_eq!(of_speech(situation, status, &error).as_deref(), flaw);
        }
    }

    #[test]
    fn a_refusal_is_invalid_input_and_names_what_is_wrong() {
        let named = |message: &str| {
            Err(CallError::Task(TaskError { message: message.to_owned(), ..task_error(ErrorKind::InvalidInput) }))
        };
        assert_eq!(of_refusal("job", &named("job is missing")), None);
        assert_eq!(
            of_refusal("job", &named("it is odd")).as_deref(),
            Some("the message does not name job: \"it is odd\"")
        );
        let flaw = of_refusal("job", &running());
        assert_eq!(flaw.as_deref(), Some("expected the error invalid_input, found running (so it stands)"));
    }
}
