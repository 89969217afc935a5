//! `cancel`: stops our job, and no other.

use crate::connection::Connection;
use crate::parameters::Parameters;
use crate::poll::{Stage, look};
use crate::report::of_run;
use crate::run::Run;
use crate::stitch::api::Api;
use plugin_guest::cancel_attached::{ATTACHED, attached};
use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;
use plugin_guest::task_error::rejected;

/// Stops the job of the run, if it is still running. Stitch stops any running job of a source, so this checks first
/// that it is ours. A job that the run was only attached to is somebody else's: it is left running unless the parameter
/// `cancel_attached` says otherwise. A run that waits for others' jobs never stops one.
pub fn cancel(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let connection = Connection::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let run = Run::decode(run, parameters.source_id)?;
    let mut api = Api::new(&connection, http);
    let mut stage = look(&mut api, &parameters, run)?;
    match &mut stage {
        Stage::Extracting(run, report) => {
            let message = |event: &str| of_run(run, &connection, event).message;
            if run.awaits_next {
                return Err(rejected(
                    ATTACHED,
                    message("the task only waits for an extraction of others, so none is stopped"),
                ));
            }
            if run.is_only_attached() && !parameters.cancel_attached {
                return Err(attached(message(
                    "the extraction was running already when the task attached to it, so it is left running",
                )));
            }
            report.message = message(match api.stop_sync(parameters.source_id) {
                Ok(()) => "stitch was asked to stop the extraction",
                // It has ended since the poll; the next one tells how.
                Err(error) if matches!(error.http_status, Some(400 | 404)) => "stitch has no extraction to stop",
                Err(error) => return Err(error),
            });
        }
        Stage::Loading(_, report) => report.message.push_str("; loads cannot be stopped"),
        Stage::Ended(_) => {}
    }
    Ok(stage.progress(api.spent()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{SOURCE_ID, connection, parameters, row};
    use crate::stitch::id::{ClientId, SourceId};
    use crate::stitch::job_name::JobName;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use plugin_guest::contract::{ErrorKind, Value, Verdict};
    use plugin_guest::scripted::{Scripted, answer};
    use plugin_guest::sent::Sent;
    use plugin_guest::timestamp::Timestamp;
    use serde_json::json;

    const PAGE: &str = "GET /v4/116078/extractions?page=1";
    const OURS: &str = "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d";

    fn run() -> Run {
        Run { job: JobName::new(OURS.to_owned()), ..Run::new(SourceId::new(SOURCE_ID).expect("an id")) }
    }

    fn listing(jobs: &[&str]) -> plugin_guest::http::Answer {
        let rows: Vec<_> = jobs.iter().map(|job| row(job)).collect();
        answer(200, &json!({"data": rows, "total": rows.len()}).to_string())
    }

    #[test]
    fn a_running_job_is_stopped() {
        let stop = ("DELETE /v4/sources/7/sync", answer(200, r#"{"status": 200}"#));
        let mut http = Scripted::answering([(PAGE, listing(&[])), stop]);
        let progress = cancel(&mut http, &connection(), &parameters(), &run().encode()).expect("progress");
        let Progress::Running(running) = progress else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: stitch was asked to stop the extraction");
    }

    /// Cancels a run attached to a running job; `sent`: a lost trigger may have started it, `listed`: Stitch lists it.
    fn cancelled(sent: bool, listed: bool, cancel_attached: bool) -> Result<Progress, TaskError> {
        let moment = Timestamp::parse("2020-06-19T15:09:38Z");
        let source_name = Some("crm".to_owned());
        let run =
            Run { job: None, attached: true, since: moment, client_id: ClientId::new(116_078), source_name, ..run() };
        let run = Run { sent: moment.filter(|_| sent).map(|moment| Sent::at(moment, [])), ..run };
        let stop = ("DELETE /v4/sources/7/sync", answer(200, r#"{"status": 200}"#));
        let mut row = row(OURS);
        row["completion_time"] = json!(null);
        let rows: Vec<_> = [row].into_iter().filter(|_| listed).collect();
        let look = (PAGE, answer(200, &json!({"data": rows, "total": rows.len()}).to_string()));
        let is_stopped = sent && listed || cancel_attached;
        let mut http = if is_stopped { Scripted::answering([look, stop]) } else { Scripted::answering([look]) };
        let asked = NamedValue { name: "cancel_attached".to_owned(), value: Value::Boolean(cancel_attached) };
        cancel(&mut http, &connection(), &[parameters(), [asked].into()].concat(), &run.encode())
    }

    #[test]
    fn a_job_that_was_only_attached_to_is_left_running_unless_that_is_asked_for() {
        // After a lost answer the job may be the trigger's or somebody else's: unknown until it is listed.
        for (sent, listed) in [(false, false), (false, true), (true, false)] {
            let error = cancelled(sent, listed, false).expect_err("left running");
            assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "attached"));
            assert_eq!(
                error.message,
                "source 7 (crm): the extraction was running already when the task attached to it, so it is left running: \
                 set cancel_attached to cancel it all the same"
            );
        }
        for (sent, listed, cancel_attached) in [(false, false, true), (true, false, true), (true, true, false)] {
            let progress = cancelled(sent, listed, cancel_attached).expect("cancelled");
            let Progress::Running(running) = progress else { panic!("not running") };
            assert_eq!(running.report.message, "source 7 (crm): stitch was asked to stop the extraction");
        }
    }

    #[test]
    fn a_run_that_waits_for_others_jobs_stops_none() {
        for cancel_attached in [false, true] {
            let asked = NamedValue { name: "cancel_attached".to_owned(), value: Value::Boolean(cancel_attached) };
            let run = Run { job: None, attached: true, awaits_next: true, client_id: ClientId::new(116_078), ..run() };
            let mut row = row(OURS);
            row["completion_time"] = json!(null);
            let page = answer(200, &json!({"data": [row], "total": 1}).to_string());
            let mut http = Scripted::answering([(PAGE, page)]);
            let cancelled = cancel(&mut http, &connection(), &[parameters(), [asked].into()].concat(), &run.encode());
            let error = cancelled.expect_err("left running");
            assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "attached"));
            assert_eq!(error.message, "source 7: the task only waits for an extraction of others, so none is stopped");
        }
    }

    #[test]
    fn a_job_that_ends_between_look_and_stop_is_no_error() {
        let stop = ("DELETE /v4/sources/7/sync", answer(400, ""));
        let mut http = Scripted::answering([(PAGE, listing(&[])), stop]);
        let progress = cancel(&mut http, &connection(), &parameters(), &run().encode()).expect("progress");
        let Progress::Running(running) = progress else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: stitch has no extraction to stop");
    }

    #[test]
    fn a_stop_that_stitch_does_not_make_is_an_error() {
        for (status, kind) in [(401, ErrorKind::Unauthorized), (500, ErrorKind::Unavailable)] {
            let stop = ("DELETE /v4/sources/7/sync", answer(status, ""));
            let mut http = Scripted::answering([(PAGE, listing(&[])), stop]);
            let error = cancel(&mut http, &connection(), &parameters(), &run().encode()).expect_err("not stopped");
            assert_eq!(error.kind, kind, "{status}");
        }
    }

    #[test]
    fn a_job_that_has_ended_is_left_alone_whatever_runs_now() {
        for (job, verdict) in
            [(OURS, Verdict::Succeeded), ("116078.7.sync.e4d8eae6-b23e-11ea-94a1-02cbbd504f7d", Verdict::Unknown)]
        {
            let mut http = Scripted::answering([(PAGE, listing(&[job]))]);
            let progress = cancel(&mut http, &connection(), &parameters(), &run().encode()).expect("progress");
            let Progress::Finished(finished) = progress else { panic!("not finished") };
            assert_eq!(finished.verdict, verdict);
        }
    }

    #[test]
    fn loads_are_left_alone() {
        let completed_at = Timestamp::EPOCH;
        let extracted = Some(crate::run::Extracted { started_at: None, completed_at, had_errors: None });
        let mut http = Scripted::answering([
            ("GET /v4/sources/7", answer(200, r#"{"name": "adwords", "stitch_client_id": 116078}"#)),
            ("GET /v4/sources/7/streams", answer(200, r#"[{"selected": true, "stream_name": "ads"}]"#)),
            ("GET /v4/116078/loads?page=1", answer(200, r#"{"data": []}"#)),
        ]);
        let run = Run { extracted, ..run() }.encode();
        let progress = cancel(&mut http, &connection(), &parameters(), &run).expect("progress");
        let Progress::Running(running) = progress else { panic!("not running") };
        assert_eq!(
            running.report.message,
            "source 7 (adwords): extracted; 0 of 1 streams loaded so far; loads cannot be stopped"
        );
    }
}
