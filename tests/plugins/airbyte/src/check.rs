//! `check`: whether a sync of the connection could start.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{ErrorKind, NamedValue, TaskError};
use plugin_guest::http::Http;

use crate::bindings::exports::orchestrator::plugin::preflight::{Finding, FindingStatus};
use crate::connection::Connection;
use crate::door::Door;
use crate::parameters::Parameters;

/// Looks at the credential and the connection. Changes nothing.
pub fn check(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Vec<Finding>, TaskError> {
    use FindingStatus::{Ok as Fine, Problem};
    let door = Door::parse(connection)?;
    let id = Parameters::parse(parameters)?.connection_id;
    let looked = door.open(http).and_then(|mut api| api.connection(id));
    let accepted = || finding("credential_accepted", Fine, "airbyte accepts the credential");
    match looked {
        Ok(connection) => {
            let exists = finding("connection_exists", Fine, format!("connection {id} is {}", connection.name));
            Ok([vec![accepted(), exists], findings(&connection).into()].concat())
        }
        Err(error) if error.kind == ErrorKind::Unauthorized => {
            let message = format!("airbyte does not accept the credential ({}): renew it in airbyte", error.message);
            Ok(vec![finding("credential_accepted", Problem, message)])
        }
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message = format!("there is no connection {id} that this credential may see: compare it with its URL");
            Ok(vec![accepted(), finding("connection_exists", Problem, message)])
        }
        Err(error) => Err(error),
    }
}

fn findings(connection: &Connection) -> [Finding; 2] {
    use FindingStatus::{Ok as Fine, Problem, Warning};
    let Connection { name, status, manual } = connection;
    [
        match status.as_str() {
            "active" => finding("connection_active", Fine, format!("{name} is active")),
            status => finding("connection_active", Problem, format!("{name} is {status}: enable it in airbyte")),
        },
        if *manual {
            finding("own_schedule_off", Fine, format!("{name} is scheduled manually, so airbyte starts no sync of it"))
        } else {
            let message = format!("airbyte's own schedule starts syncs of {name} beside this task's: make it manual");
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
    use crate::scenario::{ID, connection, parameters};
    use plugin_guest::json::json;
    use plugin_guest::scripted::{Scripted, answer};

    fn checked(status: u16, body: &str) -> Vec<(String, FindingStatus)> {
        let look = format!("GET /connections/{ID}");
        let mut http = Scripted::answering([(look.as_str(), answer(status, body))]);
        let findings = check(&mut http, &connection(), &parameters("fail")).expect("findings");
        findings.into_iter().map(|finding| (finding.code, finding.status)).collect()
    }

    fn shown(status: &str, schedule: &str) -> String {
        json!({"name": "crm", "status": status, "schedule": {"scheduleType": schedule}}).to_string()
    }

    #[test]
    fn everything_is_looked_at_in_order() {
        use FindingStatus::{Ok as Fine, Problem, Warning};
        for (body, last) in [
            (shown("active", "manual"), [Fine, Fine]),
            (shown("inactive", "manual"), [Problem, Fine]),
            (shown("active", "cron"), [Fine, Warning]),
        ] {
            let found = checked(200, &body);
            let codes: Vec<_> = found.iter().map(|(code, _)| code.as_str()).collect();
            assert_eq!(codes, ["credential_accepted", "connection_exists", "connection_active", "own_schedule_off"]);
            assert_eq!([found[2].1, found[3].1], last);
        }
    }

    #[test]
    fn a_wrong_credential_and_an_unknown_connection_are_problems() {
        assert_eq!(checked(401, "{}"), [("credential_accepted".to_owned(), FindingStatus::Problem)]);
        assert_eq!(checked(404, "{}")[1], ("connection_exists".to_owned(), FindingStatus::Problem));
    }
}
