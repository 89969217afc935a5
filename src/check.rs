//! `check`: reports whether a sync of the source could start.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::connection::Connection;
use crate::parameters::{OnNotRunning, Parameters};
use crate::stitch::api::Api;
use crate::stitch::id::ClientId;
use crate::stitch::source::Source;
use plugin_guest::contract::{ErrorKind, Finding, FindingStatus, NamedValue, TaskError};
use plugin_guest::http::Http;
use plugin_guest::report::one_line;

/// Checks the token and the source, by one request that changes nothing.
pub fn check(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Vec<Finding>, TaskError> {
    let connection = Connection::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let source_id = parameters.source_id;
    let accepted = finding("token_accepted", FindingStatus::Ok, "stitch accepts the access token");
    match Api::new(&connection, http).source(source_id) {
        Ok(source) => Ok([accepted].into_iter().chain(findings(&source, &parameters, connection.client_id)).collect()),
        Err(error) if error.kind == ErrorKind::Unauthorized => {
            let message = format!(
                "stitch does not accept the access token ({}): create a new one in its account settings, under API access \
                 keys",
                error.message
            );
            Ok(vec![finding("token_accepted", FindingStatus::Problem, message)])
        }
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message = format!(
                "source {source_id} is not in the account of this token: compare the number with the one in the source's URL \
                 in stitch"
            );
            Ok(vec![accepted, finding("source_exists", FindingStatus::Problem, message)])
        }
        Err(error) => Err(error),
    }
}

fn findings(source: &Source, parameters: &Parameters, client_id: Option<ClientId>) -> Vec<Finding> {
    use FindingStatus::{Ok, Problem, Warning};
    let source_id = parameters.source_id;
    let name = source.name.as_deref().map_or_else(|| format!("source {source_id}"), one_line);
    let found = match source.name {
        Some(_) => format!("source {source_id} is {name}"),
        None => format!("source {source_id} is there; stitch tells no name of it"),
    };
    let mut findings = vec![finding("source_exists", Ok, found)];
    findings.push(match &source.deleted_at {
        Some(when) => finding(
            "source_not_deleted",
            Problem,
            format!(
                "{name} was deleted at {when}: choose a source that is still there, or set it up again in stitch",
                when = one_line(when)
            ),
        ),
        None => finding("source_not_deleted", Ok, format!("{name} is not deleted")),
    });
    findings.push(match source.current_step.as_deref() {
        Some("fully_configured") => finding("source_fully_configured", Ok, format!("{name} is fully configured")),
        Some(step) => finding(
            "source_fully_configured",
            Problem,
            format!(
                "{name} is not fully configured: finish its set-up in stitch, the next step is {step}",
                step = one_line(step)
            ),
        ),
        None => finding(
            "source_fully_configured",
            Warning,
            format!("stitch does not say whether {name} is fully configured: look at its set-up in stitch"),
        ),
    });
    findings.push(match &source.system_paused_at {
        Some(when) => finding(
            "source_not_paused_by_stitch",
            Problem,
            format!(
                "stitch itself paused {name} at {when}: see in stitch why, mend it, and resume the source",
                when = one_line(when)
            ),
        ),
        None => finding("source_not_paused_by_stitch", Ok, format!("stitch has not paused {name}")),
    });
    let waits = parameters.on_not_running == OnNotRunning::Wait;
    findings.push(match &source.paused_at {
        None if waits => finding("own_schedule_on", Ok, format!("{name} is not paused, so stitch's own schedule can start syncs")),
        Some(_) if waits => finding(
            "own_schedule_on",
            Warning,
            format!("{name} is paused, so stitch's own schedule starts nothing that this task could wait for: resume it in stitch"),
        ),
        Some(_) => finding("own_schedule_off", Ok, format!("{name} is paused, so that stitch's own schedule starts nothing")),
        None => finding(
            "own_schedule_off",
            Warning,
            format!(
                "{name} is not paused, so stitch's own schedule starts syncs beside this task's: pause it in stitch, it can \
                 be started all the same"
            ),
        ),
    });
    if let Some(client_id) = client_id.filter(|client_id| *client_id != source.stitch_client_id) {
        let message = format!(
            "client_id is {client_id}, and {name} belongs to {}: leave client_id out, it is found by itself",
            source.stitch_client_id
        );
        findings.push(finding("client_id_matches", Problem, message));
    }
    findings
}

fn finding(code: &str, status: FindingStatus, message: impl Into<String>) -> Finding {
    Finding { code: code.to_owned(), status, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{connection, parameters};
    use alloc::string::ToString;
    use plugin_guest::scripted::{Scripted, answer, named};
    use serde_json::{Value, json};

    fn found(source: &Value) -> Vec<(String, FindingStatus, String)> {
        let mut http = Scripted::answering([("GET /v4/sources/7", answer(200, &source.to_string()))]);
        let findings = check(&mut http, &connection(), &parameters()).expect("findings");
        findings.into_iter().map(|finding| (finding.code, finding.status, finding.message)).collect()
    }

    fn source(changes: &[(&str, Value)]) -> Value {
        let mut source = json!({"name": "adwords", "stitch_client_id": 1, "paused_at": "2026-01-01T00:00:00Z", "deleted_at": null,
            "system_paused_at": null, "report_card": {"current_step_type": "fully_configured"}});
        for (field, value) in changes {
            source[field] = value.clone();
        }
        source
    }

    #[test]
    fn a_source_that_is_ready_has_no_problem() {
        let found = found(&source(&[]));
        assert!(found.iter().all(|(_, status, _)| *status == FindingStatus::Ok), "{found:?}");
        let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "token_accepted",
                "source_exists",
                "source_not_deleted",
                "source_fully_configured",
                "source_not_paused_by_stitch",
                "own_schedule_off"
            ]
        );
    }

    #[test]
    fn each_finding_that_is_not_ok_says_what_to_do() {
        use FindingStatus::{Problem, Warning};
        for (field, value, code, status, message) in [
            (
                "deleted_at",
                json!("2026-02-02T00:00:00Z"),
                "source_not_deleted",
                Problem,
                "adwords was deleted at 2026-02-02T00:00:00Z: choose a source that is still there, or set it up again in stitch",
            ),
            (
                "report_card",
                json!({"current_step_type": "field_selection"}),
                "source_fully_configured",
                Problem,
                "adwords is not fully configured: finish its set-up in stitch, the next step is field_selection",
            ),
            (
                "report_card",
                json!(null),
                "source_fully_configured",
                Warning,
                "stitch does not say whether adwords is fully configured: look at its set-up in stitch",
            ),
            (
                "system_paused_at",
                json!("2026-02-02T00:00:00Z"),
                "source_not_paused_by_stitch",
                Problem,
                "stitch itself paused adwords at 2026-02-02T00:00:00Z: see in stitch why, mend it, and resume the source",
            ),
            (
                "paused_at",
                json!(null),
                "own_schedule_off",
                Warning,
                "adwords is not paused, so stitch's own schedule starts syncs beside this task's: pause it in stitch, it can be \
                 started all the same",
            ),
        ] {
            let found = found(&source(&[(field, value)]));
            let expected = (code.to_owned(), status, message.to_owned());
            assert_eq!(
                found.into_iter().filter(|(_, status, _)| *status != FindingStatus::Ok).collect::<Vec<_>>(),
                [expected]
            );
        }
    }

    #[test]
    fn a_task_that_waits_wants_stitchs_own_schedule() {
        for (paused_at, status, message) in [
            (json!(null), FindingStatus::Ok, "adwords is not paused, so stitch's own schedule can start syncs"),
            (
                json!("2026-01-01T00:00:00Z"),
                FindingStatus::Warning,
                "adwords is paused, so stitch's own schedule starts nothing that this task could wait for: resume it in stitch",
            ),
        ] {
            let source = source(&[("paused_at", paused_at)]);
            let mut http = Scripted::answering([("GET /v4/sources/7", answer(200, &source.to_string()))]);
            let parameters = [parameters(), [named("on_not_running", "wait")].into()].concat();
            let found = check(&mut http, &connection(), &parameters).expect("findings").pop().expect("a finding");
            assert_eq!(found, finding("own_schedule_on", status, message));
        }
    }

    #[test]
    fn an_account_that_the_source_does_not_belong_to_is_a_finding() {
        let checked = |client_id: i64| {
            let mut http = Scripted::answering([("GET /v4/sources/7", answer(200, &source(&[]).to_string()))]);
            let connection = [connection(), [named("client_id", client_id)].into()].concat();
            check(&mut http, &connection, &parameters()).expect("findings").pop().expect("a finding")
        };
        let message = "client_id is 2, and adwords belongs to 1: leave client_id out, it is found by itself";
        assert_eq!(checked(2), finding("client_id_matches", FindingStatus::Problem, message));
        assert_eq!(checked(1).code, "own_schedule_off");
    }

    #[test]
    fn no_text_of_stitchs_makes_a_finding_longer_than_a_line() {
        let odd = json!("ad\u{1b}words\nOK: all is well");
        let report_card = json!({"current_step_type": odd});
        for changes in [
            &[("name", odd.clone()), ("deleted_at", odd.clone())][..],
            &[("report_card", report_card), ("system_paused_at", odd)],
        ] {
            let found = found(&source(changes));
            assert!(found.iter().any(|(.., message)| message.contains("ad\u{fffd}words")), "{found:?}");
            assert!(found.iter().all(|(.., message)| !message.contains(char::is_control)), "{found:?}");
        }
    }

    #[test]
    fn a_token_that_is_not_accepted_is_a_finding_and_a_broken_network_is_an_error() {
        let mut http =
            Scripted::answering([("GET /v4/sources/7", answer(401, r#"{"code": "x", "message": "Bad token"}"#))]);
        let findings = check(&mut http, &connection(), &parameters()).expect("findings");
        assert_eq!(
            findings,
            [finding(
                "token_accepted",
                FindingStatus::Problem,
                "stitch does not accept the access token (Bad token): create a new one in its account settings, under API \
                 access keys"
            )]
        );
        let mut http = Scripted::answering([("GET /v4/sources/7", answer(502, ""))]);
        assert_eq!(check(&mut http, &connection(), &parameters()).expect_err("an error").message, "Bad Gateway");
    }

    #[test]
    fn a_source_that_is_not_there_is_a_finding() {
        for status in [400, 404] {
            let body =
                r#"{"error": {"type": "invalid_source", "message": "Unable to locate source(7) for client (1)"}}"#;
            let mut http = Scripted::answering([("GET /v4/sources/7", answer(status, body))]);
            let findings = check(&mut http, &connection(), &parameters()).expect("findings");
            assert_eq!(findings[1].status, FindingStatus::Problem);
            assert_eq!(
                findings[1].message,
                "source 7 is not in the account of this token: compare the number with the one in the source's URL in stitch"
            );
        }
    }
}
