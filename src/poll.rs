//! `poll`: the state of a run.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::connection::Connection;
use crate::loading;
use crate::pace::Spent;
use crate::page_search::PageSearch;
use crate::parameters::{Parameters, WaitFor};
use crate::report::{of_extraction, of_run, running};
use crate::run::{Extracted, Run};
use crate::stitch::api::Api;
use crate::stitch::api_profile::STITCH;
use crate::stitch::extraction::{Extraction, Phase, Standing};
use crate::stitch::id::ClientId;
use crate::trigger::AWAITS_NEXT;
use crate::watch::{Sighting, sight};
use plugin_guest::contract::{NamedValue, Progress, Report, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::{finished, one_line, text};
use plugin_guest::task_error::unclear;

/// Polls the run. Only reads.
pub fn poll(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let connection = Connection::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let run = Run::decode(run, parameters.source_id)?;
    let mut api = Api::new(&connection, http);
    look(&mut api, &parameters, run).map(|stage| stage.progress(api.spent()))
}

/// The stage of a run: only an extraction can be stopped.
#[derive(Debug)]
pub enum Stage {
    /// Our job is running.
    Extracting(Run, Report),
    /// Our job has ended, and its loads are awaited.
    Loading(Run, Report),
    /// There is nothing more to wait for.
    Ended(Progress),
}

impl Stage {
    /// The waits that were requested so far. None if it has ended.
    pub fn waited_ms(&self) -> Option<u64> {
        match self {
            Self::Extracting(run, _) | Self::Loading(run, _) => Some(run.waited_ms),
            Self::Ended(_) => None,
        }
    }

    /// The progress, after a call that has spent so much.
    pub fn progress(self, spent: Spent) -> Progress {
        match self {
            Self::Extracting(run, report) | Self::Loading(run, report) => running(run, spent, report),
            Self::Ended(progress) => progress,
        }
    }
}

/// Finds our job and its state.
pub fn look(api: &mut Api<'_>, parameters: &Parameters, mut run: Run) -> Result<Stage, TaskError> {
    let client_id = client_id(api, &mut run)?;
    if let Some(extracted) = run.extracted {
        return loading::look(api, run, client_id, extracted);
    }
    let rows = find(api, &mut run, client_id)?;
    let connection = api.connection();
    Ok(match sight(&mut run, &rows) {
        Sighting::NotYet => {
            let event = if run.awaits_next && run.job.is_none() { AWAITS_NEXT } else { "the extraction is running" };
            let report = of_run(&run, connection, event);
            Stage::Extracting(run, report)
        }
        Sighting::Superseded(later) => Stage::Ended(superseded(&run, connection, later)),
        Sighting::Doubtful(other, reason) => {
            let event = format!("how the extraction ended is not known: {} {reason}", other.job_name);
            Stage::Ended(outcome_unknown(&run, connection, ("possible_job", other), &event))
        }
        Sighting::Ours(row) => return conclude(api, parameters.wait_for, run, row),
    })
}

/// The account, which the lists need: from the job's name, the connection, or Stitch.
fn client_id(api: &mut Api<'_>, run: &mut Run) -> Result<ClientId, TaskError> {
    let known = run.client_id.or_else(|| run.job.as_ref()?.client_id()).or(api.connection().client_id);
    let client_id = if let Some(client_id) = known {
        client_id
    } else {
        let source = api.source(run.source_id)?;
        run.named(&source);
        source.stitch_client_id
    };
    run.client_id = Some(client_id);
    Ok(client_id)
}

/// Finds the rows of our source in the list.
pub(crate) fn find(api: &mut Api<'_>, run: &mut Run, client_id: ClientId) -> Result<Vec<Extraction>, TaskError> {
    let first = api.page_of(client_id, run.source_id).and_then(|page| u32::try_from(page).ok());
    let mut search = PageSearch::new(run.source_id, first.unwrap_or(run.page));
    let mut read = Vec::new();
    while let Some(page) = search.next() {
        run.page = u32::try_from(page).unwrap_or(1);
        let again = read.contains(&page);
        read.push(page);
        match api.extractions(client_id, page, run, again)? {
            Some((_, rows)) if !rows.is_empty() => return Ok(rows),
            Some((look, _)) => search.missed(look),
            None => search.gone(page),
        }
    }
    Ok(Vec::new())
}

pub(crate) fn conclude(api: &Api<'_>, wait_for: WaitFor, mut run: Run, row: &Extraction) -> Result<Stage, TaskError> {
    let report = |event: &str| of_extraction(&run, api.connection(), row, event);
    Ok(match row.standing() {
        Standing::Unclear(problem) => return Err(unclear(&STITCH, format_args!("job {}: {problem}", row.job_name))),
        Standing::Running => {
            let report = report("the extraction is running");
            Stage::Extracting(run, report)
        }
        Standing::Failed(phase) => Stage::Ended(finished(Verdict::Failed, report(&blame(&phase)))),
        Standing::Terminated(description) => {
            let words = description.map(|text| format!(": {}", one_line(&text))).unwrap_or_default();
            let event = format!("stitch ended the extraction before its end{words}");
            Stage::Ended(finished(Verdict::Cancelled, report(&event)))
        }
        Standing::Succeeded if wait_for == WaitFor::Extraction => {
            Stage::Ended(finished(Verdict::Succeeded, report("the extraction succeeded")))
        }
        Standing::Succeeded => {
            // It is complete by now, so a later load is of it.
            let Some(completed_at) = row.completion_time().or(api.read_at()) else {
                let event = "extracted; which loads are of it is not known: stitch tells no time that can be read";
                return Ok(Stage::Ended(finished(Verdict::Unknown, report(event))));
            };
            let report = loading::begun(report("the extraction succeeded; its loads are waited for"));
            run.waited_ms = 0;
            run.extracted = Some(Extracted { started_at: row.start_time, completed_at, had_errors: None });
            Stage::Loading(run, report)
        }
    })
}

fn blame(phase: &Phase) -> String {
    let status = phase.exit_status.unwrap_or_default();
    let words = phase.description.as_deref().map(|text| format!(": {}", one_line(text))).unwrap_or_default();
    format!("the {} failed with exit status {status}{words}", phase.name)
}

/// The end of a run whose job was superseded: its outcome is unknown.
pub(crate) fn superseded(run: &Run, connection: &Connection, later: &Extraction) -> Progress {
    let event = format!(
        "how the extraction ended is not known: a later job, {}, has taken its place in stitch's list; its logs in stitch \
         tell",
        later.job_name
    );
    outcome_unknown(run, connection, ("superseded_by", later), &event)
}

/// The end of a run of unknown outcome, because of another job or one that may be another, named so in the metadata.
pub(crate) fn outcome_unknown(
    run: &Run,
    connection: &Connection,
    (called, other): (&str, &Extraction),
    event: &str,
) -> Progress {
    let mut report = of_run(run, connection, event);
    report.metadata.push(text(called, &other.job_name));
    let verdict = match other.standing() {
        Standing::Running => "running",
        Standing::Succeeded => "succeeded",
        Standing::Failed(_) => "failed",
        Standing::Terminated(_) => "cancelled",
        Standing::Unclear(_) => "unknown",
    };
    report.metadata.push(text(&format!("{called}_verdict"), verdict));
    finished(Verdict::Unknown, report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{SOURCE_ID, connection, parameters, row};
    use crate::stitch::id::SourceId;
    use crate::stitch::job_name::JobName;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use plugin_guest::contract::{ErrorKind, StepStatus};
    use plugin_guest::http::{Answer, Request, SendError};
    use plugin_guest::scripted::{Scripted, answer, named};
    use plugin_guest::timestamp::Timestamp;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    const PAGE: &str = "GET /v4/116078/extractions?page=1";
    const OURS: &str = "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d";
    const LATER: &str = "116078.7.sync.e4d8eae6-b23e-11ea-94a1-02cbbd504f7d";

    fn run() -> Run {
        Run { job: JobName::new(OURS.to_owned()), ..Run::new(SourceId::new(SOURCE_ID).expect("an id")) }
    }

    fn changed(job: &str, changes: &Json) -> Json {
        let mut row = row(job);
        for (name, value) in changes.as_object().expect("an object") {
            row[name] = value.clone();
        }
        row
    }

    fn page(rows: &[Json]) -> Answer {
        answer(200, &json!({"data": rows, "page": 1, "total": rows.len(), "links": {}}).to_string())
    }

    fn polled(row: Json) -> Progress {
        let mut http = Scripted::answering([(PAGE, page(&[row]))]);
        poll(&mut http, &connection(), &parameters(), &run().encode()).expect("progress")
    }

    fn ended(row: Json) -> (Verdict, String) {
        let Progress::Finished(finished) = polled(row) else { panic!("not finished") };
        (finished.verdict, finished.report.message)
    }

    #[test]
    fn all_phases_at_0_succeeded() {
        let Progress::Finished(finished) = polled(row(OURS)) else { panic!("not finished") };
        assert_eq!(finished.verdict, Verdict::Succeeded);
        assert_eq!(finished.report.message, "source 7: the extraction succeeded");
        assert_eq!(finished.report.started_at.as_deref(), Some("2020-06-19T15:09:38Z"));
        assert_eq!(finished.report.completed_at.as_deref(), Some("2020-06-19T15:09:43Z"));
        let names: Vec<&str> = finished.report.metadata.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "source_id",
                "client_id",
                "job_name",
                "source_type",
                "discovery_exit_status",
                "tap_exit_status",
                "target_exit_status",
                "duration_s"
            ]
        );
        assert_eq!(
            finished.report.links[0].url,
            "https://api.stitchdata.com/v4/116078/extractions/116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d"
        );
    }

    #[test]
    fn the_phase_that_failed_speaks() {
        for (changes, message) in [
            (
                json!({"tap_exit_status": 1, "tap_description": "\nno such table\nat line 7"}),
                "the tap failed with exit status 1: no such table",
            ),
            (json!({"discovery_exit_status": 2, "completion_time": null}), "the discovery failed with exit status 2"),
            (json!({"target_exit_status": -1}), "the target failed with exit status -1"),
        ] {
            assert_eq!(ended(changed(OURS, &changes)), (Verdict::Failed, format!("source 7: {message}")));
        }
    }

    #[test]
    fn a_terminated_job_was_cancelled() {
        let row = changed(
            OURS,
            &json!({"tap_exit_status": null, "target_exit_status": null, "tap_description": "Terminated"}),
        );
        let message = "source 7: stitch ended the extraction before its end: Terminated".to_owned();
        assert_eq!(ended(row), (Verdict::Cancelled, message));
    }

    #[test]
    fn a_later_job_leaves_ours_unknown() {
        let (verdict, message) = ended(changed(LATER, &json!({"tap_exit_status": 1})));
        assert_eq!(verdict, Verdict::Unknown);
        assert_eq!(
            message,
            format!(
                "source 7: how the extraction ended is not known: a later job, {LATER}, has taken its place in stitch's \
                 list; its logs in stitch tell"
            )
        );
    }

    #[test]
    fn until_our_row_is_there_it_is_running() {
        let older = "116078.7.sync.c12fb0a7-7e4a-11e9-abdc-0edc2c318fba";
        for rows in [Vec::new(), [row(older)].into(), [row("116078.8.sync.x")].into()] {
            let mut http = Scripted::answering([(PAGE, page(&rows))]);
            let progress = poll(&mut http, &connection(), &parameters(), &run().encode()).expect("progress");
            let Progress::Running(running) = progress else { panic!("not running") };
            assert_eq!(running.report.message, "source 7: the extraction is running");
            assert_eq!(running.report.steps, []);
        }
    }

    #[test]
    fn a_run_that_waits_says_so_until_its_job_is_there() {
        let waiting = Run {
            attached: true,
            awaits_next: true,
            client_id: ClientId::new(116_078),
            since: Timestamp::parse("2020-06-19T15:00:00Z"),
            ..Run::new(SourceId::new(SOURCE_ID).expect("an id"))
        };
        let polled = |rows: &[Json]| {
            let mut http = Scripted::answering([(PAGE, page(rows))]);
            poll(&mut http, &connection(), &parameters(), &waiting.encode()).expect("progress")
        };
        let Progress::Running(running) = polled(&[]) else { panic!("not running") };
        let message = "source 7: waits for the next extraction to complete, and starts none";
        assert_eq!(running.report.message, message);
        let Progress::Finished(finished) = polled(&[changed(OURS, &json!({"tap_exit_status": 1}))]) else {
            panic!("not finished")
        };
        assert_eq!(finished.verdict, Verdict::Failed);
    }

    #[test]
    fn a_row_that_is_not_completed_shows_its_phases() {
        let running = json!({"completion_time": null, "tap_exit_status": null, "target_exit_status": null});
        let Progress::Running(running) = polled(changed(OURS, &running)) else { panic!("not running") };
        let statuses: Vec<StepStatus> = running.report.steps.iter().map(|step| step.status).collect();
        assert_eq!(statuses, [StepStatus::Succeeded, StepStatus::Running, StepStatus::Pending]);
    }

    #[test]
    fn the_account_is_asked_for_where_no_name_tells_it() {
        let run = Run { job: JobName::new("odd".to_owned()), ..run() };
        let source = answer(200, r#"{"name": "adwords", "stitch_client_id": 5}"#);
        let mut http =
            Scripted::answering([("GET /v4/sources/7", source), ("GET /v4/5/extractions?page=1", page(&[]))]);
        poll(&mut http, &connection(), &parameters(), &run.encode()).expect("progress");
        let named = [connection(), [named("client_id", 6)].into()].concat();
        let mut http = Scripted::answering([("GET /v4/6/extractions?page=1", page(&[]))]);
        poll(&mut http, &named, &parameters(), &run.encode()).expect("progress");
    }

    #[test]
    fn a_page_that_vanished_is_no_error_and_a_missing_account_is() {
        let run = Run { page: 3, ..run() }.encode();
        let mut http =
            Scripted::answering([("GET /v4/116078/extractions?page=3", answer(404, "")), (PAGE, page(&[row(OURS)]))]);
        assert!(matches!(poll(&mut http, &connection(), &parameters(), &run), Ok(Progress::Finished(_))));
        let mut http = Scripted::answering([(PAGE, answer(404, ""))]);
        let error = poll(&mut http, &connection(), &parameters(), &self::run().encode());
        assert_eq!(error.expect_err("no account").kind, ErrorKind::NotFound);
        let mut http = Scripted::answering([("GET /v4/116078/extractions?page=3", answer(500, ""))]);
        let error = poll(&mut http, &connection(), &parameters(), &run);
        assert_eq!(error.expect_err("no page").kind, ErrorKind::Unavailable);
    }

    #[test]
    fn a_broken_network_says_nothing_about_the_job() {
        let mut http = Scripted::new([(PAGE, Err(SendError::NoAnswer("it took too long".to_owned())))]);
        let error = poll(&mut http, &connection(), &parameters(), &run().encode()).expect_err("no answer");
        assert_eq!(error.kind, ErrorKind::Unavailable);
    }

    #[test]
    fn each_poll_asks_to_wait_for_what_it_spent() {
        let first = Run { page: 2, ..run() };
        let full: Vec<Json> = (1_001..=1_100).map(|id| row(&format!("116078.{id}.sync.x"))).collect();
        let second_page = json!({"data": full, "total": 200}).to_string();
        let mut http = Scripted::answering([
            ("GET /v4/116078/extractions?page=2", answer(200, &second_page)),
            (
                PAGE,
                answer(
                    200,
                    &json!({"data": [row("116078.6.sync.x"), row("116078.9.sync.x")], "total": 200}).to_string(),
                ),
            ),
        ]);
        let progress = poll(&mut http, &connection(), &parameters(), &first.encode()).expect("progress");
        let Progress::Running(running) = progress else { panic!("not running") };
        assert_eq!(running.poll_after_ms, 40_000);
        let next = Run::decode(&running.run, first.source_id).expect("a run");
        assert_eq!((next.page, next.waited_ms), (1, 40_000));
    }

    #[test]
    fn with_loads_to_wait_for_the_extraction_is_not_the_end() {
        let parameters = [parameters(), [named("wait_for", "load")].into()].concat();
        let mut http = Scripted::answering([(PAGE, page(&[row(OURS)]))]);
        let progress = poll(&mut http, &connection(), &parameters, &run().encode()).expect("progress");
        let Progress::Running(running) = progress else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: the extraction succeeded; its loads are waited for");
        let loads = json!({"data": [{"source_name": "adwords", "stream_name": "ads", "error_state": null,
            "last_batch_loaded_at": "2020-06-19T15:10:00Z"}], "total": 1});
        let mut http = Scripted::answering([
            ("GET /v4/sources/7", answer(200, r#"{"name": "adwords", "stitch_client_id": 116078}"#)),
            ("GET /v4/sources/7/streams", answer(200, r#"[{"selected": true, "stream_name": "ads"}]"#)),
            ("GET /v4/116078/loads?page=1", answer(200, &loads.to_string())),
        ]);
        let progress = poll(&mut http, &connection(), &parameters, &running.run).expect("progress");
        let Progress::Finished(finished) = progress else { panic!("not finished") };
        assert_eq!(finished.verdict, Verdict::Succeeded);
        assert_eq!(finished.report.message, "source 7 (adwords): extracted and loaded, 1 of 1 streams");
        assert_eq!(
            finished.report.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(),
            ["discovery", "tap", "target", "load"]
        );
    }

    /// Gives every request the same answer.
    struct Always(Answer);

    impl Http for Always {
        fn send(&mut self, _: &Request<'_>) -> Result<Answer, SendError> {
            Ok(self.0.clone())
        }
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let words = [
            "data",
            "job_name",
            "source_id",
            "total",
            "links",
            "next",
            "completion_time",
            "tap_exit_status",
            "name",
            "stitch_client_id",
            "stream_name",
            "selected",
            "error_state",
            "error",
            "message",
            OURS,
            "2020-06-19T15:09:38Z",
        ];
        let word = prop::sample::select(words.to_vec()).prop_map(str::to_owned);
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            Just(json!(7)),
            word.clone().prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 64, 8, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map(word.clone(), inner, 0..8)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    fn is_success(progress: &Result<Progress, TaskError>) -> bool {
        matches!(progress, Ok(Progress::Finished(finished)) if finished.verdict == Verdict::Succeeded)
    }

    proptest! {
        #[test]
        fn no_combination_of_statuses_succeeds_but_three_zeros(
            statuses in prop::array::uniform3(prop_oneof![Just(json!(0)), Just(Json::Null), any::<i64>().prop_map(Json::from)]),
            completed in any::<bool>(),
        ) {
            let [discovery, tap, target] = &statuses;
            let completion = completed.then_some("2020-06-19T15:09:43Z");
            let row = changed(OURS, &json!({"discovery_exit_status": discovery, "tap_exit_status": tap,
                "target_exit_status": target, "completion_time": completion}));
            let all_zero = statuses.iter().all(|status| *status == json!(0));
            prop_assert_eq!(is_success(&Ok(polled(row))), all_zero && completed);
        }

        #[test]
        fn no_json_makes_a_call_panic_or_succeed(json in any_json(), status in 100_u16..600, load in any::<bool>()) {
            let parameters = [parameters(), [named("wait_for", if load { "load" } else { "extraction" })].into()].concat();
            let mut http = Always(answer(status, &json.to_string()));
            let progress = poll(&mut http, &connection(), &parameters, &run().encode());
            prop_assert!(!is_success(&progress));
            let progress = crate::trigger::trigger(&mut http, &connection(), &parameters);
            prop_assert!(!is_success(&progress));
            let _ = crate::cancel::cancel(&mut http, &connection(), &parameters, &run().encode());
            let _ = crate::check::check(&mut http, &connection(), &parameters);
        }

        #[test]
        fn no_run_makes_a_poll_panic(text in ".{0,200}", json in any_json()) {
            let mut http = Always(answer(500, ""));
            prop_assert!(poll(&mut http, &connection(), &parameters(), &text).is_err());
            let mut json = json;
            if let Some(members) = json.as_object_mut() {
                members.insert("format".to_owned(), json!("stitch-sync/1"));
            }
            prop_assert!(poll(&mut http, &connection(), &parameters(), &json.to_string()).is_err());
        }
    }
}
