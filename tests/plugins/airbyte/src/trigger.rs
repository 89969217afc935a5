//! `trigger`: one sync started, by one request.

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::task_error::{already_running, rejected};

use crate::api::Started;
use crate::connection::ConnectionId;
use crate::door::Door;
use crate::job::{Job, Standing};
use crate::parameters::Parameters;
use crate::report::{progress, without_job};
use crate::run::Run;

/// Asks Airbyte to sync the connection, once.
pub fn trigger(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Progress, TaskError> {
    let door = Door::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let mut api = door.open(http)?;
    match api.start(parameters.connection_id)? {
        Started::Job(job) => Ok(begun(&door, parameters.connection_id, &job)),
        Started::AlreadyRunning(refusal) => {
            let jobs = api.latest_jobs(parameters.connection_id)?;
            let running = jobs.iter().find(|job| job.standing == Standing::Running);
            refused(&door, parameters, refusal, running)
        }
    }
}

/// Airbyte started this job.
pub(crate) fn begun(door: &Door, connection_id: ConnectionId, job: &Job) -> Progress {
    let run = Run { connection_id, job_id: job.id, attached: false };
    progress(&door.base_url, &run, job, Some("the sync was started"))
}

/// Airbyte started none, by its own words because of a job that runs: what to do is for the policy, where there is such a job.
pub(crate) fn refused(
    door: &Door,
    Parameters { connection_id, on_already_running }: Parameters,
    refusal: TaskError,
    running: Option<&Job>,
) -> Result<Progress, TaskError> {
    match (running, on_already_running) {
        // It has ended since, or the refusal had another reason: Airbyte's own words are all that is known.
        (None, _) => Err(refusal),
        (Some(_), OnAlreadyRunning::Fail) => Err(named(refusal, already_running("a job of this connection"))),
        (Some(_), OnAlreadyRunning::Skip) => {
            Ok(without_job(connection_id, Verdict::Skipped, "skipped: a job of the connection is running already"))
        }
        (Some(job), OnAlreadyRunning::Attach) if job.is_sync => {
            let run = Run { connection_id, job_id: job.id, attached: true };
            Ok(progress(&door.base_url, &run, job, Some("attached to the sync that is running already")))
        }
        (Some(_), OnAlreadyRunning::Attach) => Err(named(
            refusal,
            rejected("busy", "a job of this connection that is no sync is running: try again when it has ended"),
        )),
    }
}

/// Airbyte's refusal under the name that the plugin has for it.
fn named(refusal: TaskError, name: TaskError) -> TaskError {
    TaskError { kind: name.kind, code: name.code, message: name.message, ..refusal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LATEST, START, connection, goes_on, job, listed, parameters};
    use alloc::borrow::ToOwned;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::scripted::{Scripted, answer};

    const BUSY: &str = r#"{"title": "try-again-later", "detail": "A job is already running"}"#;

    fn triggered<const N: usize>(policy: &str, exchanges: [(&str, Answer); N]) -> Result<Progress, TaskError> {
        trigger(&mut Scripted::answering(exchanges), &connection(), &parameters(policy))
    }

    #[test]
    fn a_started_job_is_running() {
        let progress = triggered("fail", [(START, answer(200, &job("pending").to_string()))]).expect("progress");
        assert_eq!(goes_on(progress), "the sync was started");
    }

    #[test]
    fn a_job_that_runs_already_is_handled_by_the_policy() {
        let busy = || (START, answer(409, BUSY));
        let runs = || (LATEST, listed(&[job("incomplete")]));
        let error = triggered("fail", [busy(), runs()]).expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "already_running"));
        assert_eq!(
            error.message,
            "a job of this connection is running already: wait for it, or set on_already_running to attach or skip"
        );
        assert_eq!((error.raw_message.as_deref(), error.http_status), (Some("A job is already running"), Some(409)));
        let progress = triggered("attach", [busy(), runs()]).expect("progress");
        assert_eq!(goes_on(progress), "attached to the sync that is running already");
        let Ok(Progress::Finished(finished)) = triggered("skip", [busy(), runs()]) else { panic!("not skipped") };
        assert_eq!(finished.verdict, Verdict::Skipped);
    }

    #[test]
    fn there_is_no_attaching_to_what_is_no_sync_or_has_ended() {
        let mut clear = job("running");
        clear["jobType"] = "clear".into();
        for (listed_job, code, message) in [
            (clear, "busy", "a job of this connection that is no sync is running: try again when it has ended"),
            (job("succeeded"), "http_409", "Conflict"),
        ] {
            let exchanges = [(START, answer(409, BUSY)), (LATEST, listed(&[listed_job]))];
            let error = triggered("attach", exchanges).expect_err(code);
            assert_eq!((error.kind, error.code.as_str(), error.message.as_str()), (ErrorKind::Rejected, code, message));
        }
    }

    #[test]
    fn an_unknown_connection_is_not_found_though_its_status_is_400() {
        let body = r#"{"title": "resource-not-found", "detail": "Could not find a resource"}"#;
        let error = triggered("fail", [(START, answer(400, body))]).expect_err("unknown");
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::NotFound, "Bad Request"));
    }

    #[test]
    fn without_an_answer_the_outcome_is_unknown_and_nothing_is_sent_again() {
        let mut http = Scripted::new([(START, Err(SendError::NoAnswer("the connection was closed".to_owned())))]);
        let error = trigger(&mut http, &connection(), &parameters("fail")).expect_err("no answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn bad_input_sends_nothing() {
        assert!(trigger(&mut Scripted::answering([]), &[], &parameters("fail")).is_err());
        assert!(trigger(&mut Scripted::answering([]), &connection(), &[]).is_err());
    }
}
