//! `check`: reports whether a sync of the connection could start.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{ErrorKind, Finding, FindingStatus, NamedValue, TaskError};
use plugin_guest::http::Http;
use plugin_guest::report::one_line;

use crate::account::Account;
use crate::api::Api;
use crate::connection::Connection;
use crate::parameters::{ConnectionId, Parameters};

/// Checks the key and the connection, by one request that changes nothing.
pub fn check(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Vec<Finding>, TaskError> {
    use FindingStatus::{Ok as Fine, Problem};
    let account = Account::parse(connection)?;
    let Parameters { connection_id: id, sync_unready, .. } = Parameters::parse(parameters)?;
    let accepted = finding("key_accepted", Fine, "fivetran accepts the API key and secret");
    match Api::new(&account, http).look(&id) {
        Ok((Connection { odd_state: Some(_), .. }, Some(error))) => Err(error),
        Ok((connection, _)) => Ok([accepted].into_iter().chain(findings(&id, &connection, sync_unready)).collect()),
        Err(error) if error.kind == ErrorKind::Unauthorized => {
            let words = error.message;
            let message =
                format!("fivetran does not accept the API key and secret ({words}): generate new ones in fivetran");
            Ok(vec![finding("key_accepted", Problem, message)])
        }
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message =
                format!("there is no connection {id} that this key may see: compare it with the id on its Setup tab");
            Ok(vec![accepted, finding("connection_exists", Problem, message)])
        }
        Err(error) => Err(error),
    }
}

fn findings(id: &ConnectionId, connection: &Connection, sync_unready: bool) -> [Finding; 4] {
    use FindingStatus::{Ok as Fine, Problem, Warning};
    let name = one_line(connection.schema.as_deref().unwrap_or("the connection"));
    [
        finding("connection_exists", Fine, format!("connection {id} is {name}")),
        match connection.setup_problem() {
            Some(problem) if sync_unready => {
                let message = format!("{problem}, and a sync is asked for all the same, since sync_unready is set");
                finding("connection_set_up", Warning, message)
            }
            Some(problem) => finding("connection_set_up", Problem, problem),
            None => finding("connection_set_up", Fine, format!("{name} is set up")),
        },
        if connection.is_paused() {
            finding("connection_not_paused", Problem, format!("{name} is paused: resume it in fivetran"))
        } else {
            finding("connection_not_paused", Fine, format!("{name} is not paused"))
        },
        if connection.manual {
            let message = format!("{name} is scheduled manually, so fivetran starts no sync of it by itself");
            finding("own_schedule_off", Fine, message)
        } else {
            let message = format!(
                "fivetran's own schedule starts syncs of {name} beside this task's, and a trigger whose answer is lost may stay \
                 unknown: set its schedule_type to manual"
            );
            finding("own_schedule_off", Warning, message)
        },
    ]
}

fn finding(code: &str, status: FindingStatus, message: impl Into<String>) -> Finding {
    Finding { code: code.to_owned(), status, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LOOK, account, parameters, shown, sync_unready};
    use FindingStatus::{Ok as Fine, Problem, Warning};
    use plugin_guest::http::Answer;
    use plugin_guest::json::{Value, json};
    use plugin_guest::scripted::{Scripted, answer};

    fn found(look: Answer) -> Vec<(String, FindingStatus, String)> {
        let mut http = Scripted::answering([(LOOK, look)]);
        let findings = check(&mut http, &account(), &parameters("fail")).expect("findings");
        findings.into_iter().map(|finding| (finding.code, finding.status, finding.message)).collect()
    }

    #[test]
    fn a_connection_that_can_sync_has_no_problem() {
        let findings = found(shown(&[("schedule_type", json!("manual"))]));
        let codes: Vec<_> = findings.iter().map(|(code, _, _)| code.as_str()).collect();
        assert_eq!(
            codes,
            ["key_accepted", "connection_exists", "connection_set_up", "connection_not_paused", "own_schedule_off"]
        );
        assert!(findings.iter().all(|(_, status, _)| *status == Fine), "{findings:?}");
    }

    #[test]
    fn each_thing_that_is_wrong_is_found() {
        let broken = json!({"setup_state": "broken", "sync_state": "scheduled", "tasks": [{"message": "Reconnect"}]});
        for (change, code, status, message) in [
            (("status", broken), "connection_set_up", Problem, "the connection is broken: Reconnect"),
            (("paused", json!(true)), "connection_not_paused", Problem, "crm is paused: resume it in fivetran"),
            (
                ("schedule_type", json!("auto")),
                "own_schedule_off",
                Warning,
                "fivetran's own schedule starts syncs of crm beside this task's, and a trigger whose answer is lost may stay \
                 unknown: set its schedule_type to manual",
            ),
        ] {
            let change: (&str, Value) = change;
            let finding = (code.to_owned(), status, message.to_owned());
            let findings = found(shown(&[change]));
            assert!(findings.contains(&finding), "{findings:?}");
        }
    }

    #[test]
    fn a_connection_that_is_synced_all_the_same_is_warned_of() {
        let mut http = Scripted::answering([(LOOK, shown(&[("status.setup_state", json!("broken"))]))]);
        let asked = [&parameters("fail")[..], &[sync_unready()]].concat();
        let findings = check(&mut http, &account(), &asked).expect("findings");
        let message = "the connection is broken; fivetran names no task: its dashboard tells more, and a sync is asked for \
                       all the same, since sync_unready is set";
        assert_eq!((findings[2].status, findings[2].message.as_str()), (Warning, message));
    }

    #[test]
    fn a_name_of_several_lines_is_shown_by_one() {
        let findings = found(shown(&[("schema", json!("crm\nand more"))]));
        assert_eq!(findings[1].2, "connection one is crm");
        assert!(findings.iter().all(|(_, _, message)| !message.contains('\n')), "{findings:?}");
    }

    #[test]
    fn a_key_that_is_not_accepted_and_a_connection_that_is_not_there_are_findings() {
        let body = r#"{"code": "AuthFailed", "message": "no such key"}"#;
        let message = "fivetran does not accept the API key and secret (no such key): generate new ones in fivetran";
        assert_eq!(found(answer(401, body)), [("key_accepted".to_owned(), Problem, message.to_owned())]);
        let message = "there is no connection one that this key may see: compare it with the id on its Setup tab";
        assert_eq!(found(answer(404, "")).pop(), Some(("connection_exists".to_owned(), Problem, message.to_owned())));
    }

    #[test]
    fn what_could_not_be_looked_at_is_an_error() {
        let mut http = Scripted::answering([(LOOK, answer(503, ""))]);
        let error = check(&mut http, &account(), &parameters("fail")).expect_err("an error");
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unavailable, "Service Unavailable"));
    }
}
