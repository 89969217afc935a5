//! `trigger`: starts one run of the job, by one request.

use plugin_guest::client::Client;
use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;
use plugin_guest::json::{self, lenient};
use serde::Deserialize;

use crate::account::Account;
use crate::job::job_id;
use crate::run;

/// Starts a run.
pub fn trigger(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let job = job_id(parameters)?;
    start(&mut account.client(http), job)
}

/// Starts a run by `Client::start`, which alone calls a lost answer `outcome_unknown`: nothing sends this request again.
pub fn start(client: &mut Client<'_>, job: u64) -> Result<Progress, TaskError> {
    let answer = client.start(format!("/jobs/{job}/runs"), String::new())?;
    let Started { id } = client.understood(json::read(&answer.body), &answer)?;
    Ok(run::started(job, id))
}

/// The answer to a start.
#[derive(Deserialize)]
struct Started {
    #[serde(deserialize_with = "lenient::id_field")]
    id: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::scripted::{Scripted, named};

    #[test]
    fn a_start_whose_answer_is_lost_is_not_sent_again() {
        let lost: Result<Answer, _> =
            Err(SendError::NoAnswer("the connection was closed".to_owned()));
        let mut http = Scripted::new([("POST /jobs/5/runs", lost)]);
        let error =
            trigger(&mut http, &[named("token", "hush")], &[named("job_id", 5)]).expect_err("lost");
        assert_eq!(
            (error.kind, error.may_have_started),
            (ErrorKind::OutcomeUnknown, true)
        );
    }
}
