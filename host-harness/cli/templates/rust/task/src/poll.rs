//! `poll`: asks how a run stands, and changes nothing.

use plugin_guest::client::Client;
use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;
use plugin_guest::json;

use crate::account::Account;
use crate::job::job_id;
use crate::run::{self, Run};

/// Polls a run.
pub fn poll(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let job = job_id(parameters)?;
    let run = run::decode(run, job)?;
    look(&mut account.client(http), job, run)
}

/// Looks at one run.
pub fn look(client: &mut Client<'_>, job: u64, run: u64) -> Result<Progress, TaskError> {
    let answer = client.get(format!("/runs/{run}"))?;
    let shown = json::read(&answer.body).and_then(|shown: Run| shown.asked_for(run));
    Ok(client.understood(shown, &answer)?.progress(job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::contract::{ErrorKind, Verdict};
    use plugin_guest::scripted::{Scripted, answer, named};

    fn polled(body: &str) -> Result<Progress, TaskError> {
        let mut http = Scripted::answering([("GET /runs/7", answer(200, body))]);
        poll(
            &mut http,
            &[named("token", "hush")],
            &[named("job_id", 5)],
            &run::encode(5, 7),
        )
    }

    #[test]
    fn a_state_that_nobody_documents_is_no_verdict() {
        let error = polled(r#"{"id": 7, "state": "done"}"#).expect_err("not understood");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
    }

    #[test]
    fn another_runs_state_is_no_verdict() {
        let error = polled(r#"{"id": 8, "state": "succeeded"}"#).expect_err("not understood");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
        assert_eq!(
            error.message,
            "acme's answer was not understood: id is 8, and 7 was asked for"
        );
    }

    #[test]
    fn a_failed_run_says_why() {
        let progress = polled(r#"{"id": 7, "state": "failed", "reason": "no such table"}"#);
        let Ok(Progress::Finished(end)) = progress else {
            panic!("{progress:?}")
        };
        assert_eq!(
            (end.verdict, &*end.report.message),
            (Verdict::Failed, "run 7 of job 5 failed: no such table")
        );
    }
}
