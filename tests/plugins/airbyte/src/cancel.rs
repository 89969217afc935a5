//! `cancel`: our job stopped, and no other.

use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;

use crate::door::Door;
use crate::job::Standing;
use crate::parameters::Parameters;
use crate::report::progress;
use crate::run::Run;

/// Asks Airbyte to cancel the job, where it has not ended.
pub fn cancel(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let door = Door::parse(connection)?;
    let run = Run::decode(run, Parameters::parse(parameters)?.connection_id)?;
    let mut api = door.open(http)?;
    let job = api.job(&run)?;
    let event = match job.standing {
        Standing::Ended(_) => None,
        Standing::Running => Some(match api.cancel(run.job_id)? {
            Some(_) => "airbyte was asked to cancel the sync",
            None => "airbyte has no job to cancel",
        }),
    };
    Ok(progress(&door.base_url, &run, &job, event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CANCEL, JOB, connection, goes_on, job, parameters, run};
    use plugin_guest::contract::Verdict;
    use plugin_guest::scripted::{Scripted, answer};

    fn cancelled(shown: &str, answered: Option<u16>) -> Progress {
        let look = (JOB, answer(200, &job(shown).to_string()));
        let mut http = match answered {
            None => Scripted::answering([look]),
            Some(status) => Scripted::answering([look, (CANCEL, answer(status, ""))]),
        };
        cancel(&mut http, &connection(), &parameters("fail"), &run()).expect("progress")
    }

    #[test]
    fn a_running_job_is_cancelled() {
        assert_eq!(goes_on(cancelled("running", Some(200))), "airbyte was asked to cancel the sync");
        assert_eq!(goes_on(cancelled("running", Some(409))), "airbyte has no job to cancel");
    }

    #[test]
    fn a_job_that_has_ended_is_left_alone() {
        let Progress::Finished(finished) = cancelled("succeeded", None) else { panic!("it goes on") };
        assert_eq!(finished.verdict, Verdict::Succeeded);
    }
}
