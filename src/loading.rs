//! The loads that follow an extraction, for `wait_for = load`.
//!
//! Stitch does not tie loads to jobs. For each stream it tells when a batch was last loaded and whether the last
//! attempt failed, so a stream is loaded once a batch was loaded after the extraction ended. A stream without new data
//! never gets there: after a bounded wait the message says so, and it does not count as a failure. An error without a
//! time is of this extraction if no stream had one at the first poll; else that is unknown.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::poll::Stage;
use crate::report::of_run;
use crate::run::{Extracted, Run};
use crate::stitch::api::Api;
use crate::stitch::api_profile::STITCH;
use crate::stitch::id::ClientId;
use crate::stitch::loads::Load;
use plugin_guest::contract::{Report, Step, StepStatus, TaskError, Verdict};
use plugin_guest::report::{finished, integer, one_line};
use plugin_guest::task_error::unclear;
use plugin_guest::timestamp::Timestamp;

/// The most pages of loads that one call reads: their order is not reliable, so pages are read until every stream is
/// found.
pub const MOST_PAGES: u64 = 20;

/// How long to wait for streams without news, in milliseconds of requested waits.
const PATIENCE_MS: u64 = 30 * 60 * 1000;

/// The most streams that a message names.
const MOST_NAMES: usize = 5;

/// The state of a stream, best first: if two share a name, the worse counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stream {
    /// A batch was loaded after the extraction.
    Loaded,
    /// No news.
    Quiet,
    /// The last attempt failed with this message, at an unknown time: Stitch retries.
    Troubled(String),
    /// The last attempt failed with this message, after the extraction.
    Failed(String),
}

/// The selected streams of a source, each name once, including those without a load.
#[derive(Debug)]
struct Streams {
    streams: Vec<(String, Option<Stream>)>,
    /// True if the list of loads was read as far as needed.
    all_read: bool,
}

impl Streams {
    fn of(load: &Load, completed_at: Timestamp) -> Stream {
        let is_after = load.last_batch_loaded_at.is_some_and(|loaded| loaded > completed_at);
        match (load.error.clone(), is_after) {
            (None, true) => Stream::Loaded,
            (None, false) => Stream::Quiet,
            (Some(message), true) => Stream::Failed(message),
            (Some(message), false) => Stream::Troubled(message),
        }
    }

    /// Adds the loads of a page; those of other streams are ignored.
    fn take_in(&mut self, loads: &[Load], completed_at: Timestamp) {
        for load in loads {
            if let Some((_, stream)) = self.streams.iter_mut().find(|(name, _)| *name == load.stream_name) {
                *stream = stream.take().max(Some(Self::of(load, completed_at)));
            }
        }
    }

    /// The streams for which no batch was loaded after the extraction.
    fn waiting(&self) -> Vec<&str> {
        self.streams
            .iter()
            .filter(|(_, stream)| *stream != Some(Stream::Loaded))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The first stream in such a state, and its message.
    fn first(&self, is: impl Fn(&Stream) -> Option<&str>) -> Option<(&str, &str)> {
        self.streams.iter().find_map(|(name, stream)| Some((name.as_str(), is(stream.as_ref()?)?)))
    }

    fn troubled(&self) -> Option<(&str, &str)> {
        self.first(|stream| if let Stream::Troubled(message) = stream { Some(message) } else { None })
    }

    /// The verdict, none while loading goes on, and the message. `errors_are_new`: an error without a time can only be
    /// of this extraction.
    fn conclude(&self, waited_ms: u64, errors_are_new: bool) -> (Option<Verdict>, String) {
        let failed = self.first(|stream| if let Stream::Failed(message) = stream { Some(message) } else { None });
        if let Some((name, message)) = failed.or(self.troubled().filter(|_| errors_are_new)) {
            return (Some(Verdict::Failed), format!("loading {name} failed: {}", one_line(message)));
        }
        let all = self.streams.len();
        let waiting = self.waiting();
        if waiting.is_empty() && all == 0 {
            return (Some(Verdict::Succeeded), "extracted; no stream is selected to be loaded".to_owned());
        }
        if waiting.is_empty() {
            return (Some(Verdict::Succeeded), format!("extracted and loaded, {all} of {all} streams"));
        }
        if waited_ms < PATIENCE_MS {
            return (None, format!("extracted; {} of {all} streams loaded so far", all - waiting.len()));
        }
        if let Some((name, message)) = self.troubled() {
            let words = one_line(message);
            return (
                Some(Verdict::Unknown),
                format!("extracted; the last load of {name} failed, when is not known: {words}"),
            );
        }
        if !self.all_read {
            return (
                Some(Verdict::Unknown),
                format!("extracted; only {MOST_PAGES} pages of the account's loads were read"),
            );
        }
        let names = some_of(&waiting);
        (Some(Verdict::Succeeded), format!("extracted; no new batch for {} of {all} streams: {names}", waiting.len()))
    }
}

fn some_of(names: &[&str]) -> String {
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    if names.len() > MOST_NAMES { format!("{shown} and {} more", names.len() - MOST_NAMES) } else { shown }
}

/// The report of an extraction that succeeded, with loading as the next step.
pub fn begun(mut report: Report) -> Report {
    report.steps.push(step("load", StepStatus::Pending, None));
    report
}

/// Polls the loads.
pub fn look(
    api: &mut Api<'_>,
    mut run: Run,
    client_id: ClientId,
    mut extracted: Extracted,
) -> Result<Stage, TaskError> {
    let source = api.source(run.source_id)?;
    run.named(&source);
    let Some(source_name) = source.name else {
        return Err(unclear(&STITCH, "the source has no name, under which its loads would be listed"));
    };
    let selected = api.selected_streams(run.source_id)?;
    let streams = selected.iter().map(|name| (name.clone(), None)).collect();
    let mut streams = Streams { streams, all_read: false };
    for page in 1..=MOST_PAGES {
        let loads = api.loads(client_id, page, &source_name, &selected)?;
        streams.take_in(&loads.loads, extracted.completed_at);
        if loads.is_last || streams.streams.iter().all(|(_, stream)| stream.is_some()) {
            streams.all_read = true;
            break;
        }
    }
    let had_errors = extracted.had_errors.unwrap_or_else(|| streams.troubled().is_some());
    extracted.had_errors = Some(had_errors);
    let (verdict, event) = streams.conclude(run.waited_ms, !had_errors);
    run.extracted = Some(extracted);
    let mut report = of_run(&run, api.connection(), &event);
    report.started_at = extracted.started_at.map(|time| time.to_string()).or(report.started_at);
    report.completed_at = verdict.map(|_| extracted.completed_at.to_string());
    report.metadata.push(integer("streams_selected", streams.streams.len() as u64));
    report.metadata.push(integer("streams_loaded", (streams.streams.len() - streams.waiting().len()) as u64));
    let status = match verdict {
        None => StepStatus::Running,
        Some(Verdict::Failed) => StepStatus::Failed,
        Some(Verdict::Unknown) => StepStatus::Unknown,
        Some(_) => StepStatus::Succeeded,
    };
    report.steps = ["discovery", "tap", "target"].map(|name| step(name, StepStatus::Succeeded, Some(0))).into();
    report.steps.push(Step { message: Some(event), ..step("load", status, None) });
    Ok(match verdict {
        Some(verdict) => Stage::Ended(finished(verdict, report)),
        None => Stage::Loading(run, report),
    })
}

fn step(name: &str, status: StepStatus, exit_code: Option<i64>) -> Step {
    Step { name: name.to_owned(), status, exit_code, message: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;
    use crate::scripted::{SOURCE_ID, connection, read};
    use crate::stitch::id::SourceId;
    use plugin_guest::contract::Progress;
    use plugin_guest::http::Answer;
    use plugin_guest::scripted::{Scripted, answer};
    use serde_json::{Value, json};

    const BEFORE: &str = "2020-06-19T15:00:00Z";
    const COMPLETED: &str = "2020-06-19T15:09:43Z";
    const AFTER: &str = "2020-06-19T15:10:00Z";

    fn said(loads: &[(&str, Option<&str>, Value)], waited_ms: u64) -> (Option<Verdict>, String) {
        let selected = ["accounts", "plans"].map(|name| (name.to_owned(), None));
        let mut streams = Streams { streams: selected.into(), all_read: true };
        let loads: Vec<Load> = loads
            .iter()
            .map(|(stream, loaded, error)| {
                json!({"stream_name": stream, "last_batch_loaded_at": loaded, "error_state": error})
            })
            .map(|row| read(&row).expect("a load"))
            .collect();
        streams.take_in(&loads, Timestamp::parse(COMPLETED).expect("a time"));
        streams.conclude(waited_ms, false)
    }

    #[test]
    fn it_is_loaded_when_every_selected_stream_is() {
        let loads =
            [("accounts", Some(AFTER), Value::Null), ("plans", Some(AFTER), Value::Null), ("other", None, json!("e"))];
        assert_eq!(said(&loads, 0), (Some(Verdict::Succeeded), "extracted and loaded, 2 of 2 streams".to_owned()));
    }

    #[test]
    fn a_load_from_before_the_end_of_the_extraction_does_not_count() {
        for loaded in [None, Some(BEFORE), Some(COMPLETED)] {
            let loads = [("accounts", loaded, Value::Null), ("plans", Some(AFTER), Value::Null)];
            assert_eq!(said(&loads, 0), (None, "extracted; 1 of 2 streams loaded so far".to_owned()));
        }
    }

    #[test]
    fn nothing_new_for_a_stream_is_said_after_the_wait_and_is_no_failure() {
        let loads = [("plans", Some(AFTER), Value::Null)];
        let message = "extracted; no new batch for 1 of 2 streams: accounts".to_owned();
        assert_eq!(said(&loads, 1_799_999).0, None);
        assert_eq!(said(&loads, 1_800_000), (Some(Verdict::Succeeded), message));
    }

    #[test]
    fn an_error_from_after_the_extraction_fails_at_once_and_an_undated_one_leaves_it_unknown() {
        let error = json!({"notification_data": {"warehouse_message": "no disk\nat all"}});
        let failed = (Some(Verdict::Failed), "loading plans failed: no disk".to_owned());
        assert_eq!(said(&[("plans", Some(AFTER), error.clone())], 0), failed);
        assert_eq!(said(&[("plans", None, error.clone())], 0).0, None);
        let message = "extracted; the last load of plans failed, when is not known: no disk".to_owned();
        assert_eq!(said(&[("plans", Some(BEFORE), error)], 1_800_000), (Some(Verdict::Unknown), message));
    }

    #[test]
    fn an_undated_error_that_was_not_there_at_first_is_of_this_extraction() {
        let streams = [("plans".to_owned(), Some(Stream::Troubled("no disk".to_owned())))].into();
        let (verdict, message) = Streams { streams, all_read: true }.conclude(0, true);
        assert_eq!((verdict, message.as_str()), (Some(Verdict::Failed), "loading plans failed: no disk"));
    }

    #[test]
    fn loads_that_were_not_read_leave_it_unknown() {
        let streams = [("plans".to_owned(), None)].into();
        let (verdict, message) = Streams { streams, all_read: false }.conclude(PATIENCE_MS, true);
        let expected = "extracted; only 20 pages of the account's loads were read";
        assert_eq!((verdict, message.as_str()), (Some(Verdict::Unknown), expected));
    }

    #[test]
    fn of_two_streams_that_share_a_name_the_worse_counts() {
        let shared =
            [("plans", Some(AFTER), Value::Null), ("plans", None, Value::Null), ("accounts", Some(AFTER), Value::Null)];
        assert_eq!(said(&shared, 0).0, None);
    }

    const LOADS: [&str; 2] = ["GET /v4/5/loads?page=1", "GET /v4/5/loads?page=2"];

    /// Polls the loads of streams `ads` and `bids`, with these answers from Stitch.
    fn answered<'a>(
        had_errors: Option<bool>,
        pages: impl IntoIterator<Item = (&'a str, Answer)>,
    ) -> Result<Progress, TaskError> {
        let completed_at = Timestamp::parse(COMPLETED).expect("a time");
        let extracted = Extracted { started_at: Timestamp::parse(BEFORE), completed_at, had_errors };
        let source = ("GET /v4/sources/7", answer(200, r#"{"name": "adwords", "stitch_client_id": 5}"#));
        let selected = json!(["ads", "bids"].map(|name| json!({"selected": true, "stream_name": name})));
        let streams = ("GET /v4/sources/7/streams", answer(200, &selected.to_string()));
        let mut http = Scripted::answering([source, streams].into_iter().chain(pages));
        let connection = Connection::parse(&connection()).expect("a connection");
        let client_id = ClientId::new(5).expect("an id");
        let run = Run::new(SourceId::new(SOURCE_ID).expect("an id"));
        let mut api = Api::new(&connection, &mut http);
        look(&mut api, run, client_id, extracted).map(|stage| stage.progress(api.spent()))
    }

    /// Polls the loads, with these pages of a list of `total` rows.
    fn looked<const N: usize>(had_errors: Option<bool>, pages: [(&str, Value); N], total: u64) -> Progress {
        let page = |rows: Value| answer(200, &json!({"data": rows, "total": total}).to_string());
        answered(had_errors, pages.map(|(request, rows)| (request, page(rows)))).expect("progress")
    }

    fn load(stream: &str, loaded: &str, error: &Value) -> Value {
        json!({"source_name": "adwords", "stream_name": stream, "last_batch_loaded_at": loaded, "error_state": error})
    }

    #[test]
    fn the_report_tells_how_far_the_loads_are_and_when_the_extraction_was() {
        let loads = json!([load("ads", AFTER, &Value::Null), load("bids", BEFORE, &Value::Null)]);
        let Progress::Running(running) = looked(None, [(LOADS[0], loads)], 2) else { panic!("not running") };
        let message = "extracted; 1 of 2 streams loaded so far";
        assert_eq!(running.report.message, format!("source 7 (adwords): {message}"));
        assert_eq!(running.report.steps[3].message.as_deref(), Some(message));
        assert_eq!((running.report.started_at.as_deref(), running.report.completed_at), (Some(BEFORE), None));
        let metadata: Vec<_> = running.report.metadata.iter().rev().take(2).collect();
        assert_eq!(metadata, [&integer("streams_loaded", 1_u64), &integer("streams_selected", 2_u64)]);
        let loads = json!([load("ads", AFTER, &Value::Null), load("bids", AFTER, &Value::Null)]);
        let Progress::Finished(finished) = looked(None, [(LOADS[0], loads)], 2) else { panic!("not finished") };
        assert_eq!(finished.report.completed_at.as_deref(), Some(COMPLETED));
    }

    #[test]
    fn pages_are_read_until_every_stream_is_accounted_for_or_none_is_left() {
        let [ads, bids] = ["ads", "bids"].map(|stream| load(stream, AFTER, &Value::Null));
        looked(None, [(LOADS[0], json!([ads, bids]))], 300);
        looked(None, [(LOADS[0], json!([ads])), (LOADS[1], json!([bids]))], 300);
        looked(None, [(LOADS[0], json!([ads])), (LOADS[1], json!([]))], 300);
        looked(None, [(LOADS[0], json!([ads]))], 1);
    }

    #[test]
    fn a_page_of_loads_that_vanished_ends_the_list_and_any_other_failure_is_an_error() {
        let ads = json!({"data": [load("ads", AFTER, &Value::Null)], "total": 300}).to_string();
        let first = || (LOADS[0], answer(200, &ads));
        let Ok(Progress::Running(running)) = answered(None, [first(), (LOADS[1], answer(404, ""))]) else {
            panic!("not running")
        };
        // It made two requests to the jobs resource.
        assert_eq!(running.poll_after_ms, 40_000);
        assert_eq!(answered(None, [first(), (LOADS[1], answer(500, ""))]).expect_err("500").http_status, Some(500));
        for status in [404, 500] {
            let error = answered(None, [(LOADS[0], answer(status, ""))]).expect_err("no first page");
            assert_eq!(error.http_status, Some(status));
        }
    }

    #[test]
    fn an_undated_error_of_the_first_look_is_remembered_and_one_that_comes_later_fails() {
        let loads = || [(LOADS[0], json!([load("ads", BEFORE, &json!("no disk")), load("bids", AFTER, &Value::Null)]))];
        for had_errors in [None, Some(true)] {
            let Progress::Running(running) = looked(had_errors, loads(), 2) else { panic!("not running") };
            let run = Run::decode(&running.run, SourceId::new(SOURCE_ID).expect("an id")).expect("a run");
            assert_eq!(run.extracted.expect("an extraction").had_errors, Some(true));
        }
        let Progress::Finished(finished) = looked(Some(false), loads(), 2) else { panic!("not finished") };
        assert_eq!(finished.verdict, Verdict::Failed);
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        assert_eq!(some_of(&["a", "b", "c", "d", "e"]), "a, b, c, d, e");
        assert_eq!(some_of(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
    }
}
