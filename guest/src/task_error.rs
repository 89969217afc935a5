//! Constructors of the contract's errors, each with its code and its message.
//!
//! The codes: `invalid_input`, `already_running`, `not_understood`, `not_reached`, `no_answer`, `egress_denied`, one of
//! [`ApiProfile::not_found`], the tool's own code for a 409, since there are many kinds, and `http_` with the number of any other
//! error status.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use crate::api_profile::ApiProfile;
use crate::contract::{ErrorKind, TaskError};
use crate::error_body::ErrorBody;
use crate::http::{Answer, SendError};
use crate::report::{one_line, shorten};
use crate::status::Status;
use crate::timestamp::Timestamp;

/// The most characters that an error shows of an answer.
const EXCERPT: usize = 200;

/// Invalid input: `field` of the connection or of the parameters, or the run, is wrong.
pub fn invalid_input(field: &str, problem: impl fmt::Display) -> TaskError {
    error(ErrorKind::InvalidInput, "invalid_input", format!("{field} {problem}"))
}

/// Rejected: the tool refused the request, or would.
pub fn rejected(code: &str, message: impl Into<String>) -> TaskError {
    error(ErrorKind::Rejected, code, message.into())
}

/// The code of [`already_running`].
pub const ALREADY_RUNNING: &str = "already_running";

/// Already running: the tool refuses a second run. `run` names the first, such as `a job of this source`. A plugin with the
/// parameter `on_already_running` says more by [`OnAlreadyRunning::refusal`](crate::already_running::OnAlreadyRunning::refusal).
pub fn already_running(run: &str) -> TaskError {
    rejected(ALREADY_RUNNING, format!("{run} is running already: wait for it"))
}

/// The code of [`not_reached`].
pub const NOT_REACHED: &str = "not_reached";

/// Not reached: a call of `poll-many` did not get to this run, which the next one begins with.
pub fn not_reached(profile: &ApiProfile) -> TaskError {
    let message = format!("{} allows no more requests at once: this run comes first in the next call", profile.name);
    error(ErrorKind::Unavailable, NOT_REACHED, message)
}

/// Not understood: a whole answer with a 2xx status is not as documented. `problem` names what is missing or wrong.
pub fn not_understood(profile: &ApiProfile, problem: &anyhow::Error, answer: &Answer) -> TaskError {
    let excerpt = shorten(&String::from_utf8_lossy(&answer.body), EXCERPT);
    TaskError {
        raw_message: (!excerpt.is_empty()).then_some(excerpt),
        http_status: Some(answer.status.0),
        ..unclear(profile, format_args!("{problem:#}"))
    }
}

/// Not understood: a part of an answer that a verdict depends on, found when the answer has been read already.
pub fn unclear(profile: &ApiProfile, problem: impl fmt::Display) -> TaskError {
    let message = format!("{}'s answer was not understood: {problem}", profile.name);
    error(ErrorKind::NotUnderstood, "not_understood", message)
}

/// No whole answer came to a request that may be sent again, such as one that reads or stops something.
pub fn unanswered(profile: &ApiProfile, send_error: SendError) -> TaskError {
    let hint = if matches!(send_error, SendError::Unusable(_)) { "" } else { "; try again later" };
    of_send_error(profile, send_error, |cause| {
        error(ErrorKind::Unavailable, "no_answer", format!("{} did not answer: {cause}{hint}", profile.name))
    })
}

/// No whole answer came to a request that starts a run: its outcome is unknown.
pub fn unanswered_start(profile: &ApiProfile, send_error: SendError) -> TaskError {
    of_send_error(profile, send_error, |cause| {
        let message = format!(
            "the request was sent and {0} did not answer: {cause}; the {1} may be running: look in {0} before you trigger again",
            profile.name, profile.run
        );
        TaskError { may_have_started: true, ..error(ErrorKind::OutcomeUnknown, "no_answer", message) }
    })
}

fn of_send_error(profile: &ApiProfile, send_error: SendError, no_answer: impl Fn(&str) -> TaskError) -> TaskError {
    match send_error {
        SendError::Denied => denied(profile),
        SendError::NotSent(cause) => not_sent(profile, &cause),
        SendError::NoAnswer(cause) | SendError::Unusable(cause) => no_answer(&cause),
        SendError::HostFailed(text) => {
            TaskError { raw_message: text.as_deref().map(one_line), ..no_answer("the host failed") }
        }
    }
}

/// The error of a response with an error status.
///
/// The message of a 401 is the tool's own, that of any other status its HTTP reason phrase, as the engine's users are promised.
pub fn of_status(profile: &ApiProfile, answer: &Answer) -> TaskError {
    let body = ErrorBody::parse(profile, &answer.body);
    let is_not_found = body.code.as_deref().is_some_and(|code| profile.not_found.contains(&code));
    let kind = match answer.status {
        Status::UNAUTHORIZED => ErrorKind::Unauthorized,
        Status::NOT_FOUND => ErrorKind::NotFound,
        Status::TIMEOUT | Status::TOO_EARLY | Status::TOO_MANY_REQUESTS => ErrorKind::Unavailable,
        status if status.is_server_error() => ErrorKind::Unavailable,
        _ if is_not_found => ErrorKind::NotFound,
        _ => ErrorKind::Rejected,
    };
    TaskError {
        retry_after_ms: (kind == ErrorKind::Unavailable).then(|| retry_after_ms(answer)).flatten(),
        http_status: Some(answer.status.0),
        may_have_started: false,
        message: match &body.message {
            Some(message) if kind == ErrorKind::Unauthorized => one_line(message),
            _ => match answer.location.as_deref().filter(|_| answer.status.is_redirect()) {
                Some(location) => format!("{}: it leads to {}", answer.status, shown_location(location)),
                None => answer.status.to_string(),
            },
        },
        code: body
            .code
            .filter(|_| is_not_found || answer.status == Status::CONFLICT)
            .unwrap_or_else(|| format!("http_{}", answer.status.0)),
        kind,
        raw_message: body.raw,
    }
}

/// The error of a request that starts a run and got an error status: a status that leaves open what happened makes the outcome
/// unknown.
pub(crate) fn start_refused(error: TaskError) -> TaskError {
    match error.http_status {
        Some(status) if Status(status).leaves_open_what_happened() => {
            TaskError { kind: ErrorKind::OutcomeUnknown, retry_after_ms: None, may_have_started: true, ..error }
        }
        _ => error,
    }
}

fn error(kind: ErrorKind, code: &str, message: String) -> TaskError {
    TaskError {
        kind,
        code: code.to_owned(),
        message,
        raw_message: None,
        http_status: None,
        retry_after_ms: None,
        may_have_started: false,
    }
}

fn denied(profile: &ApiProfile) -> TaskError {
    let message = format!("the host did not let the request to {} out: allow the origin of base_url", profile.name);
    error(ErrorKind::Denied, "egress_denied", message)
}

fn not_sent(profile: &ApiProfile, cause: &str) -> TaskError {
    error(ErrorKind::Unavailable, "not_reached", format!("{} was not reached: {cause}", profile.name))
}

/// The target of a redirect without its user, query and fragment, which may hold secrets.
fn shown_location(location: &str) -> String {
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let shown = match path.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}//{host}{path}; see whether base_url is right")
        }
        _ => format!("{path}; see whether base_url is right"),
    };
    one_line(&shown)
}

/// `Retry-After` in milliseconds, from either of its forms (RFC 9110, section 10.2.3). A date counts from the answer's `Date`.
fn retry_after_ms(answer: &Answer) -> Option<u64> {
    let text = answer.retry_after.as_deref()?.trim();
    let seconds = if let Ok(seconds) = text.parse::<u64>() {
        seconds
    } else {
        let then = Timestamp::parse_http_date(text)?;
        let now = Timestamp::parse_http_date(answer.date.as_deref()?)?;
        u64::try_from(then.seconds() - now.seconds()).ok()?
    };
    seconds.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_profile::ACME;
    use crate::scripted::answer;

    #[test]
    fn a_401_says_what_the_tool_said_in_every_shape_of_body() {
        for body in [
            r#"{"error": {"type": "unauthorized", "message": "Not allowed"}}"#,
            r#"{"error": "Unauthorized", "data": {"message": "Not allowed"}}"#,
            r#"{"code": "unauthorized", "message": "Not allowed"}"#,
            r#""Not allowed""#,
        ] {
            let error = of_status(&ACME, &answer(401, body));
            assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unauthorized, "Not allowed"), "{body}");
            assert_eq!(error.http_status, Some(401));
        }
    }

    #[test]
    fn a_401_that_says_nothing_is_called_by_its_reason() {
        for body in ["", "<html>go away</html>", r#"{"new": 1}"#, "{}", "null", "[]", r#"{"error": {"message": ""}}"#] {
            assert_eq!(of_status(&ACME, &answer(401, body)).message, "Unauthorized", "{body}");
        }
    }

    #[test]
    fn every_other_status_is_called_by_its_reason_and_keeps_the_tools_words() {
        use ErrorKind::{NotFound, Rejected, Unavailable};
        for (status, message, kind) in [
            (400, "Bad Request", Rejected),
            (403, "Forbidden", Rejected),
            (404, "Not Found", NotFound),
            (302, "Found", Rejected),
            (429, "Too Many Requests", Unavailable),
            (500, "Internal Server Error", Unavailable),
            (502, "Bad Gateway", Unavailable),
            (503, "Service Unavailable", Unavailable),
            (599, "HTTP status 599", Unavailable),
        ] {
            let error = of_status(&ACME, &answer(status, r#"{"code": "odd", "message": "its own words"}"#));
            assert_eq!((error.message.as_str(), error.kind), (message, kind));
            assert_eq!(error.raw_message.as_deref(), Some("its own words"));
            assert_eq!(error.code, format!("http_{status}"));
        }
    }

    #[test]
    fn an_unknown_source_is_not_found_though_its_status_is_400() {
        let body = r#"{"error": {"type": "invalid_source", "message": "Unable to locate source(1) for client (2)"}}"#;
        let error = of_status(&ACME, &answer(400, body));
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::NotFound, "invalid_source"));
        assert_eq!(error.message, "Bad Request");
        assert_eq!(error.raw_message.as_deref(), Some("Unable to locate source(1) for client (2)"));
    }

    #[test]
    fn a_conflict_is_called_by_the_tools_own_name_in_snake_case() {
        for (body, code) in [
            (r#"{"code": "try-again-later"}"#, "try_again_later"),
            (r#"{"code": "NotFound_Connector"}"#, "not_found_connector"),
            (r#"{"code": "two\nlines"}"#, "http_409"),
            ("", "http_409"),
        ] {
            let error = of_status(&ACME, &answer(409, body));
            assert_eq!(
                (error.kind, error.code.as_str(), error.message.as_str()),
                (ErrorKind::Rejected, code, "Conflict")
            );
        }
    }

    #[test]
    fn a_gateways_html_is_shown_as_it_is() {
        let error = of_status(&ACME, &answer(502, "<html><h1>502</h1></html>"));
        assert_eq!(
            (error.code.as_str(), error.raw_message.as_deref()),
            ("http_502", Some("<html><h1>502</h1></html>"))
        );
    }

    #[test]
    fn retry_after_is_honoured_in_seconds_and_as_a_date() {
        for (value, milliseconds) in [
            ("120", Some(120_000)),
            ("Fri, 19 Jun 2020 15:10:08 GMT", Some(30_000)),
            ("Fri, 19 Jun 2020 15:00:00 GMT", None),
            ("soon", None),
            ("18446744073709551615", None),
        ] {
            let date = Some("Fri, 19 Jun 2020 15:09:38 GMT".to_owned());
            let answer = Answer { date, retry_after: Some(value.to_owned()), ..answer(429, "") };
            assert_eq!(of_status(&ACME, &answer).retry_after_ms, milliseconds, "{value}");
        }
        let answer = Answer { retry_after: Some("5".to_owned()), ..answer(400, "") };
        assert_eq!(of_status(&ACME, &answer).retry_after_ms, None);
    }

    #[test]
    fn the_error_of_a_request_without_answer_depends_on_what_it_could_have_done() {
        let lost = SendError::NoAnswer("the connection was closed".to_owned());
        let error = unanswered(&ACME, lost.clone());
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert_eq!(error.message, "acme did not answer: the connection was closed; try again later");
        let error = unanswered_start(&ACME, lost);
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
        assert_eq!(
            error.message,
            "the request was sent and acme did not answer: the connection was closed; the job may be running: look in \
             acme before you trigger again"
        );
    }

    #[test]
    fn later_is_advised_only_where_it_can_help() {
        let unusable = SendError::Unusable("what came is not HTTP".to_owned());
        assert_eq!(unanswered(&ACME, unusable.clone()).message, "acme did not answer: what came is not HTTP");
        assert_eq!(unanswered_start(&ACME, unusable).kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn a_start_that_is_answered_by_see_other_may_have_been_done() {
        for (status, may_have_started) in [(303, true), (302, false), (307, false), (500, true), (503, false)] {
            let error = start_refused(of_status(&ACME, &answer(status, "")));
            assert_eq!(error.may_have_started, may_have_started, "{status}");
            assert_eq!(error.kind == ErrorKind::OutcomeUnknown, may_have_started, "{status}");
        }
    }

    #[test]
    fn what_never_left_is_safe_to_send_again() {
        let refused = SendError::NotSent("connection refused; try again later".to_owned());
        let error = unanswered_start(&ACME, refused.clone());
        assert_eq!((error.kind, error.clone()), (ErrorKind::Unavailable, unanswered(&ACME, refused)));
        assert_eq!(error.message, "acme was not reached: connection refused; try again later");
        assert_eq!(unanswered_start(&ACME, SendError::Denied), unanswered(&ACME, SendError::Denied));
        assert_eq!(unanswered_start(&ACME, SendError::Denied).kind, ErrorKind::Denied);
    }

    #[test]
    fn a_host_that_failed_speaks_in_the_raw_message() {
        let failed = || SendError::HostFailed(Some("no\u{1b}[2J socket\nat line 7".to_owned()));
        let error = unanswered(&ACME, failed());
        assert_eq!(error.message, "acme did not answer: the host failed; try again later");
        assert_eq!(error.raw_message.as_deref(), Some("no\u{fffd}[2J socket"));
        let error = unanswered_start(&ACME, failed());
        assert_eq!((error.kind, error.may_have_started), (ErrorKind::OutcomeUnknown, true));
        assert_eq!(error.raw_message.as_deref(), Some("no\u{fffd}[2J socket"));
    }

    #[test]
    fn a_redirect_names_where_it_leads_without_what_may_be_secret_there() {
        for (location, shown) in [
            ("https://login.example/sso?token=hush#top", "https://login.example/sso"),
            ("https://me:hush@login.example", "https://login.example"),
            ("//me:hush@login.example/sso", "//login.example/sso"),
            ("/v5/jobs?next=1", "/v5/jobs"),
            ("/v5//me@jobs", "/v5//me@jobs"),
            ("/a\nb\u{1b}[2J", "/a"),
        ] {
            let answer = Answer { location: Some(location.to_owned()), ..answer(302, "") };
            let message = of_status(&ACME, &answer).message;
            assert!(message.starts_with(&format!("Found: it leads to {shown}")), "{message}");
            assert!(!message.contains("hush") && !message.contains('\u{1b}'), "{message}");
        }
        let answer = Answer { location: Some("/v5".to_owned()), ..answer(503, "") };
        assert_eq!(of_status(&ACME, &answer).message, "Service Unavailable");
    }

    #[test]
    fn what_is_not_understood_shows_200_characters_and_no_more() {
        let error = not_understood(&ACME, &anyhow::anyhow!("job_name is missing"), &answer(200, &"é".repeat(500)));
        assert_eq!(error.message, "acme's answer was not understood: job_name is missing");
        assert_eq!(error.raw_message.map(|text| text.chars().count()), Some(200));
    }
}
