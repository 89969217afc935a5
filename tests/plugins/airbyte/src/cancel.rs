//! `cancel`: stops our job, and no other.

use plugin_guest::cancel_attached::attached;
use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;

use crate::door::Door;
use crate::parameters::Parameters;
use crate::report::progress;
use crate::run::Run;

/// Asks Airbyte to cancel the job, if it has not ended. A job that the run was only attached to is somebody else's: it
/// is left running unless the parameter `cancel_attached` says otherwise.
pub fn cancel(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let door = Door::parse(connection)?;
    let Parameters { connection_id, cancel_attached, .. } = Parameters::parse(parameters)?;
    let run = Run::decode(run, connection_id)?;
    let mut api = door.open(http)?;
    let job = api.job(&run)?;
    let event = match job.status.verdict() {
        Some(_) => None,
        None if run.attached && !cancel_attached => {
            let id = run.job_id;
            return Err(attached(format_args!(
                "job {id} was running already when the task attached to it, so it is left running"
            )));
        }
        None => Some(match api.cancel(run.job_id)? {
            Some(_) => "airbyte was asked to cancel the sync",
            None => "airbyte has no job to cancel",
        }),
    };
    Ok(progress(&door.base_url, &run, &job, event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CANCEL, JOB, attached_run, connection, goes_on, job, parameters, run};
    use alloc::borrow::ToOwned;
    use plugin_guest::contract::{ErrorKind, Value, Verdict};
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
    }

    #[test]
    fn only_where_there_is_nothing_to_cancel_a_refusal_is_no_error() {
        for status in [400, 404, 409] {
            assert_eq!(goes_on(cancelled("running", Some(status))), "airbyte has no job to cancel");
        }
        for status in [403, 503] {
            let look = (JOB, answer(200, &job("running").to_string()));
            let mut http = Scripted::answering([look, (CANCEL, answer(status, ""))]);
            let error = cancel(&mut http, &connection(), &parameters("fail"), &run()).expect_err("not cancelled");
            assert_eq!(error.http_status, Some(status));
        }
    }

    fn cancelled_attached(
        shown: &str,
        cancel_attached: Option<bool>,
        is_cancelled: bool,
    ) -> Result<Progress, TaskError> {
        let look = (JOB, answer(200, &job(shown).to_string()));
        let mut http = if is_cancelled {
            Scripted::answering([look, (CANCEL, answer(200, ""))])
        } else {
            Scripted::answering([look])
        };
        let mut parameters = parameters("attach");
        parameters.extend(
            cancel_attached
                .map(|value| NamedValue { name: "cancel_attached".to_owned(), value: Value::Boolean(value) }),
        );
        cancel(&mut http, &connection(), &parameters, &attached_run())
    }

    #[test]
    fn a_job_that_was_only_attached_to_is_left_running_unless_that_is_asked_for() {
        for cancel_attached in [None, Some(false)] {
            let error = cancelled_attached("running", cancel_attached, false).expect_err("left running");
            assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "attached"));
            assert_eq!(
                error.message,
                "job 7 was running already when the task attached to it, so it is left running: set cancel_attached to \
                 cancel it all the same"
            );
        }
        let asked = goes_on(cancelled_attached("running", Some(true), true).expect("cancelled"));
        assert_eq!(asked, "airbyte was asked to cancel the sync");
        let Ok(Progress::Finished(ended)) = cancelled_attached("failed", None, false) else { panic!("it goes on") };
        assert_eq!(ended.verdict, Verdict::Failed);
    }

    #[test]
    fn a_job_that_has_ended_is_left_alone() {
        let Progress::Finished(finished) = cancelled("succeeded", None) else { panic!("it goes on") };
        assert_eq!(finished.verdict, Verdict::Succeeded);
    }
}
