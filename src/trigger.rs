//! `trigger`: starts one job, by one request, or waits for the next one that others start.

use alloc::format;

use crate::connection::Connection;
use crate::pace::Spent;
use crate::parameters::{OnNotRunning, Parameters};
use crate::report::{of_run, running};
use crate::run::Run;
use crate::stitch::api::Api;
use crate::stitch::id::SourceId;
use crate::stitch::sync::Started;
use plugin_guest::ages::Ages;
use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{ErrorKind, NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::{finished, one_line};
use plugin_guest::sent::Sent;
use plugin_guest::task_error::rejected;
use plugin_guest::timestamp::Timestamp;

/// The event of a run that waits for the next job.
pub(crate) const AWAITS_NEXT: &str = "waits for the next extraction to complete, and starts none";

/// Asks Stitch to start a replication job of the source, once; or starts nothing, and waits for the next one.
pub fn trigger(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
) -> Result<Progress, TaskError> {
    let connection = Connection::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let mut api = Api::new(&connection, http);
    match parameters.on_not_running {
        OnNotRunning::Start => start(&mut api, parameters.source_id, parameters.on_already_running, None),
        OnNotRunning::Wait => await_next(&mut api, parameters.source_id, None),
    }
}

/// Waits for the next job that completes, whoever starts it, from the trigger on: `ages` are those of a trigger that is settled.
/// Reads the account and Stitch's own time, and starts nothing.
///
/// What completes in the second of the trigger counts: a job taken too many ends a wait, one too few is waited for in vain.
pub(crate) fn await_next(
    api: &mut Api<'_>,
    source_id: SourceId,
    ages: Option<Ages<'_>>,
) -> Result<Progress, TaskError> {
    let source = api.source(source_id)?;
    let mut run = Run::new(source_id);
    run.named(&source);
    if let Some(when) = source.deleted_at {
        let event = format!("deleted at {}, so there is no extraction to wait for", one_line(&when));
        let message = of_run(&run, api.connection(), &event).message;
        return Err(TaskError { kind: ErrorKind::NotFound, ..rejected("invalid_source", message) });
    }
    let triggered = match ages {
        Some(ages) => api.sent(ages).and_then(|sent| sent.moments().next()),
        None => api.now(),
    };
    let run = Run {
        client_id: Some(source.stitch_client_id),
        attached: true,
        awaits_next: true,
        since: triggered.map(|moment| Timestamp::from_seconds(moment.seconds().saturating_sub(1))),
        ..run
    };
    let report = of_run(&run, api.connection(), AWAITS_NEXT);
    Ok(running(run, Spent::NOTHING, report))
}

/// Sends the one request that starts a job. `bound`: an already running job must be attributed to the trigger sent
/// then.
pub(crate) fn start(
    api: &mut Api<'_>,
    source_id: SourceId,
    on_already_running: OnAlreadyRunning,
    bound: Option<Sent>,
) -> Result<Progress, TaskError> {
    let (started, since) = api.start_sync(source_id)?;
    let connection = api.connection();
    let mut run = Run { client_id: connection.client_id, since, ..Run::new(source_id) };
    match (started, on_already_running) {
        (Started::Job(job), _) => {
            run.client_id = job.client_id().or(run.client_id);
            run.job = Some(job);
            let report = of_run(&run, connection, "the extraction has started");
            Ok(running(run, Spent::NOTHING, report))
        }
        (Started::AlreadyRunning(message), OnAlreadyRunning::Fail) => Err(TaskError {
            raw_message: Some(message),
            http_status: Some(200),
            ..OnAlreadyRunning::refusal("a job of this source")
        }),
        (Started::AlreadyRunning(_), OnAlreadyRunning::Attach) => {
            run.attached = true;
            run.sent = bound;
            let report = of_run(&run, connection, "attached to the extraction that is running already");
            Ok(running(run, Spent::NOTHING, report))
        }
        (Started::AlreadyRunning(_), OnAlreadyRunning::Skip) => {
            let report = of_run(&run, connection, "skipped: an extraction is running already");
            Ok(finished(Verdict::Skipped, report))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{connection, parameters};
    use crate::stitch::id::ClientId;
    use alloc::borrow::ToOwned;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::scripted::{Scripted, answer, named};

    const START: &str = "POST /v4/sources/7/sync";
    const STARTED: &str = r#"{"job_name": "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d"}"#;
    const ALREADY: &str = r#"{"error": {"type": "already_running", "message": "one already exists"}}"#;

    fn triggered(policy: &str, body: &str) -> Result<Progress, TaskError> {
        let parameters = [parameters(), [named("on_already_running", policy)].into()].concat();
        trigger(&mut Scripted::answering([(START, answer(200, body))]), &connection(), &parameters)
    }

    #[test]
    fn a_started_job_is_running() {
        let Ok(Progress::Running(running)) = triggered("fail", STARTED) else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: the extraction has started");
        assert_eq!(running.report.started_at.as_deref(), Some("2020-06-19T15:09:38Z"));
        assert_eq!(running.poll_after_ms, 20_000);
    }

    /// The run that an attached task's trigger returns, with this account in the connection and this answer of Stitch.
    fn run_of(client_id: Option<i64>, date: Option<&str>, body: &str) -> Run {
        let connection = [connection(), client_id.map(|id| named("client_id", id)).into_iter().collect()].concat();
        let parameters = [parameters(), [named("on_already_running", "attach")].into()].concat();
        let answer = Answer { date: date.map(ToOwned::to_owned), ..answer(200, body) };
        let progress = trigger(&mut Scripted::answering([(START, answer)]), &connection, &parameters);
        let Ok(Progress::Running(running)) = progress else { panic!("not running") };
        Run::decode(&running.run, SourceId::new(7).expect("an id")).expect("a run")
    }

    #[test]
    fn a_run_remembers_the_account_by_the_jobs_name_or_else_by_the_connection() {
        assert_eq!(run_of(Some(5), None, STARTED).client_id, ClientId::new(116_078));
        assert_eq!(run_of(Some(5), None, r#"{"job_name": "odd"}"#).client_id, ClientId::new(5));
        assert_eq!(run_of(Some(5), None, ALREADY).client_id, ClientId::new(5));
        assert_eq!(run_of(None, None, ALREADY).client_id, None);
    }

    #[test]
    fn a_run_remembers_when_it_was_triggered_by_stitchs_clock() {
        for body in [STARTED, ALREADY] {
            let run = run_of(None, Some("Fri, 19 Jun 2020 15:09:41 GMT"), body);
            assert_eq!(run.since, Timestamp::parse("2020-06-19T15:09:41Z"));
            assert_eq!(run_of(None, None, body).since, None);
        }
    }

    const SOURCE: &str = "GET /v4/sources/7";

    fn waited(body: &str) -> Result<Progress, TaskError> {
        let parameters = [parameters(), [named("on_not_running", "wait")].into()].concat();
        let answer = Answer { date: Some("Fri, 19 Jun 2020 15:09:41 GMT".to_owned()), ..answer(200, body) };
        trigger(&mut Scripted::answering([(SOURCE, answer)]), &connection(), &parameters)
    }

    #[test]
    fn a_task_that_waits_reads_the_source_and_starts_nothing() {
        let source = r#"{"name": "crm", "stitch_client_id": 5}"#;
        let Ok(Progress::Running(running)) = waited(source) else { panic!("not running") };
        let message = "source 7 (crm): waits for the next extraction to complete, and starts none";
        assert_eq!((running.report.message.as_str(), running.poll_after_ms), (message, 20_000));
        let run = Run::decode(&running.run, SourceId::new(7).expect("an id")).expect("a run");
        assert_eq!((run.attached, run.awaits_next, run.client_id), (true, true, ClientId::new(5)));
        assert_eq!(run.since, Timestamp::parse("2020-06-19T15:09:40Z"));
    }

    #[test]
    fn of_a_source_that_was_deleted_nothing_is_waited_for() {
        let source = r#"{"name": "crm", "stitch_client_id": 5, "deleted_at": "2020-01-01T00:00:00Z"}"#;
        let error = waited(source).expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::NotFound, "invalid_source"));
        assert!(!error.may_have_started);
        let message = "source 7 (crm): deleted at 2020-01-01T00:00:00Z, so there is no extraction to wait for";
        assert_eq!(error.message, message);
    }

    #[test]
    fn a_job_that_runs_already_is_handled_by_the_policy() {
        let error = triggered("fail", ALREADY).expect_err("refused");
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "already_running"));
        assert_eq!(
            error.message,
            "a job of this source is running already: wait for it, or set on_already_running to attach or skip"
        );
        assert_eq!((error.raw_message.as_deref(), error.http_status), (Some("one already exists"), Some(200)));
        let Ok(Progress::Running(running)) = triggered("attach", ALREADY) else { panic!("not attached") };
        assert_eq!(running.report.message, "source 7: attached to the extraction that is running already");
        let Ok(Progress::Finished(finished)) = triggered("skip", ALREADY) else { panic!("not skipped") };
        assert_eq!(finished.verdict, Verdict::Skipped);
        assert_eq!(finished.report.message, "source 7: skipped: an extraction is running already");
    }

    #[test]
    fn an_answer_that_names_no_job_is_not_understood() {
        let error = triggered("attach", r#"{"job": 1}"#).expect_err("not understood");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
        assert_eq!(error.message, "stitch's answer was not understood: job_name is missing");
        assert_eq!(error.raw_message.as_deref(), Some(r#"{"job": 1}"#));
    }

    #[test]
    fn without_a_whole_answer_the_outcome_is_unknown_and_nothing_is_sent_again() {
        let mut http = Scripted::new([(START, Err(SendError::NoAnswer("the connection was closed".to_owned())))]);
        let error = trigger(&mut http, &connection(), &parameters()).expect_err("no answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
        let mut http =
            Scripted::answering([(START, Answer { cut: Some(SendError::broke_off()), ..answer(200, STARTED) })]);
        let error = trigger(&mut http, &connection(), &parameters()).expect_err("half an answer");
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    }

    #[test]
    fn bad_input_sends_nothing() {
        let mut http = Scripted::answering([]);
        assert!(trigger(&mut http, &connection(), &[]).is_err());
        assert!(trigger(&mut http, &[], &parameters()).is_err());
    }
}
