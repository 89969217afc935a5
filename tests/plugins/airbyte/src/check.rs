//! `check`: reports whether a sync of the connection could start.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{ErrorKind, Finding, FindingStatus, NamedValue, TaskError};
use plugin_guest::http::Http;
use plugin_guest::report::one_line;

use crate::connection::Connection;
use crate::door::Door;
use crate::parameters::Parameters;

/// Checks the credential and the connection. Only reads.
pub fn check(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Vec<Finding>, TaskError> {
    use FindingStatus::{Ok as Fine, Problem};
    let door = Door::parse(connection)?;
    let id = Parameters::parse(parameters)?.connection_id;
    let refused = |error: TaskError| {
        let words = error.message;
        let message = if door.has_key() {
            format!("airbyte does not accept the credential ({words}): renew it in airbyte")
        } else {
            format!(
                "airbyte wants a credential ({words}): give client_id and client_secret of an application, or username and \
                 password, or access_token"
            )
        };
        Ok(vec![finding("credential_accepted", Problem, message)])
    };
    // An application's token takes a request of its own.
    let mut api = match door.open(http) {
        Ok(api) => api,
        Err(error) if error.kind == ErrorKind::Unauthorized => return refused(error),
        Err(error) if error.kind == ErrorKind::NotFound => {
            let url = &door.base_url;
            let message = format!("{url} gives no tokens ({}): base_url must be where airbyte's API is", error.message);
            return Ok(vec![finding("api_found", Problem, message)]);
        }
        Err(error) => return Err(error),
    };
    let words = if door.has_key() { "airbyte accepts the credential" } else { "airbyte asks for no credential" };
    let accepted = || finding("credential_accepted", Fine, words);
    match api.connection(id) {
        Ok(connection) => {
            let name = connection.name.as_deref().map(one_line);
            let exists =
                name.map_or_else(|| format!("connection {id} exists"), |name| format!("connection {id} is {name}"));
            let exists = finding("connection_exists", Fine, exists);
            Ok([vec![accepted(), exists], findings(&connection).into()].concat())
        }
        Err(error) if error.kind == ErrorKind::Unauthorized => refused(error),
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message = format!("there is no connection {id} that this credential may see: compare it with its URL");
            Ok(vec![accepted(), finding("connection_exists", Problem, message)])
        }
        Err(error) => Err(error),
    }
}

fn findings(connection: &Connection) -> [Finding; 2] {
    use FindingStatus::{Ok as Fine, Problem, Warning};
    let name = connection.name.as_deref().map_or_else(|| "the connection".to_owned(), one_line);
    let status = connection.status.as_deref().map(one_line);
    [
        match status.as_deref() {
            None => finding("connection_active", Warning, format!("airbyte does not say whether {name} is active")),
            Some("active") => finding("connection_active", Fine, format!("{name} is active")),
            Some(status) => finding("connection_active", Problem, format!("{name} is {status}: enable it in airbyte")),
        },
        if connection.manual {
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
    use crate::scenario::{CONNECTION, ID, connection, parameters, shown};
    use plugin_guest::http::Answer;
    use plugin_guest::json::json;
    use plugin_guest::scripted::{Scripted, answer, named};

    /// The request for an application's token.
    const ASK: &str =
        r#"POST /applications/token {"client_id":"me","client_secret":"hush","grant-type":"client_credentials"}"#;

    fn application() -> [NamedValue; 2] {
        [named("client_id", "me"), named("client_secret", "hush")]
    }

    fn checked(look: Answer) -> Vec<(String, FindingStatus)> {
        let mut http = Scripted::answering([(CONNECTION, look)]);
        let findings = check(&mut http, &connection(), &parameters("fail")).expect("findings");
        findings.into_iter().map(|finding| (finding.code, finding.status)).collect()
    }

    #[test]
    fn everything_is_looked_at_in_order() {
        use FindingStatus::{Ok as Fine, Problem, Warning};
        for (look, last) in [
            (shown("active", "manual"), [Fine, Fine]),
            (shown("inactive", "manual"), [Problem, Fine]),
            (shown("active", "cron"), [Fine, Warning]),
        ] {
            let found = checked(look);
            let codes: Vec<_> = found.iter().map(|(code, _)| code.as_str()).collect();
            assert_eq!(codes, ["credential_accepted", "connection_exists", "connection_active", "own_schedule_off"]);
            assert_eq!([found[2].1, found[3].1], last);
        }
    }

    #[test]
    fn no_text_of_airbytes_makes_a_finding_longer_than_a_line() {
        let body = r#"{"connectionId": "e3b1ce92-547c-436f-b1e8-23b6936c12cd", "name": "ad\u001bwords\nOK", "status": "odd\r\nOK", "schedule": null}"#;
        let mut http = Scripted::answering([(CONNECTION, answer(200, body))]);
        let findings = check(&mut http, &connection(), &parameters("fail")).expect("findings");
        assert_eq!(findings[1].message, "connection e3b1ce92-547c-436f-b1e8-23b6936c12cd is ad\u{fffd}words");
        assert_eq!(findings[2].message, "ad\u{fffd}words is odd: enable it in airbyte");
    }

    #[test]
    fn what_airbyte_does_not_say_of_a_connection_is_no_problem() {
        let mut http = Scripted::answering([(CONNECTION, answer(200, &json!({"connectionId": ID}).to_string()))]);
        let found = check(&mut http, &connection(), &parameters("fail")).expect("findings");
        let found: Vec<_> = found.iter().skip(1).map(|finding| (finding.status, finding.message.as_str())).collect();
        let schedule = "airbyte's own schedule starts syncs of the connection beside this task's: make it manual";
        assert_eq!(
            found,
            [
                (FindingStatus::Ok, "connection e3b1ce92-547c-436f-b1e8-23b6936c12cd exists"),
                (FindingStatus::Warning, "airbyte does not say whether the connection is active"),
                (FindingStatus::Warning, schedule),
            ]
        );
    }

    #[test]
    fn a_wrong_credential_and_an_unknown_connection_are_problems() {
        assert_eq!(checked(answer(401, "{}")), [("credential_accepted".to_owned(), FindingStatus::Problem)]);
        assert_eq!(checked(answer(404, "{}"))[1], ("connection_exists".to_owned(), FindingStatus::Problem));
    }

    #[test]
    fn without_a_credential_the_finding_says_whether_airbyte_wants_one() {
        use FindingStatus::{Ok as Fine, Problem};
        let wanted = "airbyte wants a credential (Unauthorized): give client_id and client_secret of an application, or \
                      username and password, or access_token";
        for (look, status, message) in
            [(shown("active", "manual"), Fine, "airbyte asks for no credential"), (answer(401, ""), Problem, wanted)]
        {
            let mut http = Scripted::answering([(CONNECTION, look)]);
            let local = [named("base_url", "http://localhost:8000")];
            let found = check(&mut http, &local, &parameters("fail")).expect("findings");
            assert_eq!((found[0].status, found[0].message.as_str()), (status, message));
        }
    }

    #[test]
    fn an_application_that_gets_no_token_is_told_from_a_connection_that_is_not_there() {
        use FindingStatus::Problem;
        let application = application();
        for (status, code, message) in [
            (
                404,
                "api_found",
                "https://api.airbyte.com/v1 gives no tokens (Not Found): base_url must be where airbyte's API is",
            ),
            (401, "credential_accepted", "airbyte does not accept the credential (Unauthorized): renew it in airbyte"),
        ] {
            let mut http = Scripted::answering([(ASK, answer(status, ""))]);
            let found = check(&mut http, &application, &parameters("fail")).expect("findings");
            let [only] = &found[..] else { panic!("{found:?}") };
            assert_eq!((only.code.as_str(), only.status, only.message.as_str()), (code, Problem, message));
        }
    }

    #[test]
    fn what_says_nothing_of_the_credential_or_the_connection_is_an_error() {
        for (values, request) in [(connection(), CONNECTION), (application().into(), ASK)] {
            let mut http = Scripted::answering([(request, answer(503, ""))]);
            let error = check(&mut http, &values, &parameters("fail")).expect_err("no findings");
            assert_eq!(error.kind, ErrorKind::Unavailable);
        }
    }
}
