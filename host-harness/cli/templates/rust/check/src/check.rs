//! `check`: whether the connection is good and the job exists, without starting anything.

use plugin_guest::anyhow::ensure;
use plugin_guest::contract::{ErrorKind, Finding, FindingStatus, NamedValue, TaskError};
use plugin_guest::http::Http;
use plugin_guest::json::{self, lenient};
use serde::Deserialize;

use crate::account::Account;
use crate::job::job_id;

/// Checks the token and the job, by one request. What stops a run is a finding; what says nothing of it is an error.
pub fn check(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Vec<Finding>, TaskError> {
    use FindingStatus::{Ok as Fine, Problem};
    let account = Account::parse(connection)?;
    let job = job_id(parameters)?;
    let accepted = || finding("token_accepted", Fine, "acme accepts the token".to_owned());
    let mut client = account.client(http);
    let answer = client.get(format!("/jobs/{job}"));
    let shown = answer.and_then(|answer| {
        let shown = json::read(&answer.body).and_then(|shown: Job| shown.asked_for(job));
        client.understood(shown, &answer)
    });
    match shown {
        Ok(()) => Ok(vec![
            accepted(),
            finding("job_exists", Fine, format!("job {job} exists")),
        ]),
        Err(error) if error.kind == ErrorKind::Unauthorized => {
            let message = format!(
                "acme does not accept the token ({}): create another in its settings",
                error.message
            );
            Ok(vec![finding("token_accepted", Problem, message)])
        }
        Err(error) if error.kind == ErrorKind::NotFound => {
            let message = format!(
                "there is no job {job} that this token may see: compare it with the job's URL"
            );
            Ok(vec![accepted(), finding("job_exists", Problem, message)])
        }
        Err(error) => Err(error),
    }
}

/// A job as Acme shows it.
#[derive(Deserialize)]
struct Job {
    #[serde(deserialize_with = "lenient::id_field")]
    id: u64,
}

impl Job {
    /// Whether it is the job that was asked for: any other page is not taken for it.
    fn asked_for(&self, id: u64) -> json::Result<()> {
        ensure!(self.id == id, "id is {}, and {id} was asked for", self.id);
        Ok(())
    }
}

fn finding(code: &str, status: FindingStatus, message: String) -> Finding {
    Finding {
        code: code.to_owned(),
        status,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::scripted::{Scripted, answer, named};

    #[test]
    fn a_token_that_is_refused_is_a_problem_that_says_what_to_do() {
        let mut http = Scripted::answering([(
            "GET /jobs/5",
            answer(401, r#"{"message": "unknown token"}"#),
        )]);
        let findings =
            check(&mut http, &[named("token", "hush")], &[named("job_id", 5)]).expect("findings");
        let [only] = &findings[..] else {
            panic!("{findings:?}")
        };
        let words =
            "acme does not accept the token (unknown token): create another in its settings";
        assert_eq!(
            (only.status, &*only.message),
            (FindingStatus::Problem, words)
        );
    }
}
