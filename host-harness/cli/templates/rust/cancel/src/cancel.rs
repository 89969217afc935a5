//! `cancel`: asks Acme to stop a run, once it was seen to go on.

use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;

use crate::account::Account;
use crate::job::job_id;
use crate::poll::look;
use crate::run;

/// Looks first, so that a run which has ended is told as it ended, and nothing is sent that could stop another one.
pub fn cancel(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let job = job_id(parameters)?;
    let run = run::decode(run, job)?;
    let mut client = account.client(http);
    let seen = look(&mut client, job, run)?;
    if let Progress::Finished(_) = seen {
        return Ok(seen);
    }
    client.post(format!("/runs/{run}/stop"), String::new())?;
    Ok(run::goes_on(job, run, "was asked to stop"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::contract::Verdict;
    use plugin_guest::scripted::{Scripted, answer, named};

    #[test]
    fn a_run_that_has_ended_is_not_stopped() {
        // A request that is not scripted fails the test.
        let mut http = Scripted::answering([(
            "GET /runs/7",
            answer(200, r#"{"id": 7, "state": "succeeded"}"#),
        )]);
        let progress = cancel(
            &mut http,
            &[named("token", "hush")],
            &[named("job_id", 5)],
            &run::encode(5, 7),
        );
        let Ok(Progress::Finished(end)) = progress else {
            panic!("{progress:?}")
        };
        assert_eq!(end.verdict, Verdict::Succeeded);
    }
}
