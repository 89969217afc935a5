//! `trigger`: starts one sync, by one request.

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::task_error::rejected;

use crate::api::{Jobs, Started};
use crate::connection::ConnectionId;
use crate::door::Door;
use crate::job::{Job, JobType, Status};
use crate::parameters::Parameters;
use crate::report::{progress, without_job};
use crate::run::Run;

/// Airbyte's error, in `snake_case`, if a job of the connection is running.
const TRY_AGAIN_LATER: &str = "try_again_later";

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
        Started::Refused(refusal) => {
            let running = running(api.latest(parameters.connection_id, JobType::Sync)?);
            refused(&door, parameters, refusal, running.as_ref())
        }
    }
}

/// The running job of the list.
pub(crate) fn running(jobs: Jobs) -> Option<Job> {
    let runs = |job: &Job| !matches!(job.status, Status::Unknown(_)) && job.status.verdict().is_none();
    jobs.rows.into_iter().filter_map(|(_, job)| job.ok()).find(runs)
}

/// The progress after Airbyte started this job.
pub(crate) fn begun(door: &Door, connection_id: ConnectionId, job: &Job) -> Progress {
    let run = Run { connection_id, job_id: job.id, attached: false };
    progress(&door.base_url, &run, job, Some("the sync was started"))
}

/// The progress after Airbyte refused to start a job: if one is running, by the list or by Airbyte's words, the policy
/// decides.
pub(crate) fn refused(
    door: &Door,
    Parameters { connection_id, on_already_running, .. }: Parameters,
    refusal: TaskError,
    running: Option<&Job>,
) -> Result<Progress, TaskError> {
    // The list shows only syncs, but other jobs can be in the way too.
    if running.is_none() && refusal.code != TRY_AGAIN_LATER {
        return Err(refusal);
    }
    match (on_already_running, running) {
        (OnAlreadyRunning::Fail, _) => Err(named(refusal, OnAlreadyRunning::refusal("a job of this connection"))),
        (OnAlreadyRunning::Skip, _) => {
            Ok(without_job(connection_id, Verdict::Skipped, "skipped: a job of the connection is running already"))
        }
        (OnAlreadyRunning::Attach, Some(job)) => {
            let run = Run { connection_id, job_id: job.id, attached: true };
            Ok(progress(&door.base_url, &run, job, Some("attached to the sync that is running already")))
        }
        (OnAlreadyRunning::Attach, None) => {
            let message = "a job of this connection that is no sync is running already: try again when it has ended";
            Err(named(refusal, rejected("already_running", message)))
        }
    }
}

/// Airbyte's refusal, with the plugin's own error code.
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
    use plugin_guest::json::json;
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
    fn a_job_that_the_list_of_syncs_does_not_show_is_running_by_airbytes_own_words() {
        let exchanges = || [(START, answer(409, BUSY)), (LATEST, listed(&[job("succeeded"), json!({"odd": true})]))];
        let attach = "a job of this connection that is no sync is running already: try again when it has ended";
        let fail =
            "a job of this connection is running already: wait for it, or set on_already_running to attach or skip";
        for (policy, message) in [("attach", attach), ("fail", fail)] {
            let error = triggered(policy, exchanges()).expect_err(policy);
            assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "already_running"));
            assert_eq!(error.message, message);
        }
        let Ok(Progress::Finished(finished)) = triggered("skip", exchanges()) else { panic!("not skipped") };
        assert_eq!(finished.verdict, Verdict::Skipped);
    }

    #[test]
    fn where_a_job_runs_the_refusal_is_for_that_whatever_airbyte_calls_it() {
        let gone = r#"{"title": "resource-not-found", "detail": "Could not find a resource"}"#;
        let exchanges = [(START, answer(409, gone)), (LATEST, listed(&[job("running")]))];
        let error = triggered("fail", exchanges).expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "already_running"));
    }

    #[test]
    fn a_409_for_another_reason_is_told_in_airbytes_words() {
        let conflict = r#"{"title": "state-conflict", "detail": "The connection is locked"}"#;
        let exchanges = [(START, answer(409, conflict)), (LATEST, listed(&[job("succeeded")]))];
        let error = triggered("attach", exchanges).expect_err("a conflict");
        assert_eq!((error.code.as_str(), error.message.as_str()), ("state_conflict", "Conflict"));
        assert_eq!(error.raw_message.as_deref(), Some("The connection is locked"));
    }

    #[test]
    fn an_unknown_connection_is_not_found_though_its_status_is_400() {
        let body = r#"{"title": "resource-not-found", "detail": "Could not find a resource"}"#;
        let error = triggered("fail", [(START, answer(400, body))]).expect_err("unknown");
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::NotFound, "Bad Request"));
        assert_eq!(error.code, "resource_not_found");
    }

    #[test]
    fn a_gateway_that_gave_up_leaves_the_outcome_unknown() {
        let error = triggered("fail", [(START, answer(504, "<html>"))]).expect_err("no answer");
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::OutcomeUnknown, "Gateway Timeout"));
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
