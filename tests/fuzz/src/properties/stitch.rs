//! What is read off Stitch's answers.

use anyhow::Result;
use plugin_guest::contract::{ErrorKind, TaskError};
use plugin_guest::error_body::ErrorBody;
use plugin_guest::http::Answer;
use plugin_guest::json::{self, lenient};
use plugin_guest::scripted::answer;
use plugin_guest::task_error;
use plugin_guest::timestamp::Timestamp;
use stitch_plugin::run::Run;
use stitch_plugin::stitch::api_profile::STITCH;
use stitch_plugin::stitch::extraction::Standing;
use stitch_plugin::stitch::id::{ClientId, SourceId};
use stitch_plugin::stitch::job_name::JobName;
use stitch_plugin::stitch::source::Source;
use stitch_plugin::stitch::sync::Started;
use stitch_plugin::stitch::{extractions, loads, streams};

/// The source that every body is read for.
pub(super) const SOURCE_ID: u64 = 7;

/// What is read, or an error that is one short line.
fn read<T>(read: Result<T>) -> Option<T> {
    read.inspect_err(|error| {
        let text = format!("{error:#}");
        assert!(text.chars().count() < 300 && !text.contains('\n'), "a long or broken error: {text:?}");
    })
    .ok()
}

fn source_id() -> SourceId {
    SourceId::new(SOURCE_ID).expect("an id")
}

/// A time that was read is written so that the same is read again.
fn assert_comes_back(time: Timestamp) {
    let written = time.to_string();
    assert_eq!(Timestamp::parse(&written), Some(time), "{written}");
}

/// The answer to a trigger: a job that was started is in a run that fits into its bound and comes back.
pub(super) fn sync(body: &[u8]) {
    let Some(Started::Job(job)) = read(Started::parse(body)) else { return };
    let run = Run { client_id: job.client_id(), job: Some(job), ..Run::new(source_id()) };
    assert_eq!(Run::decode(&run.encode(), run.source_id), Ok(run));
}

/// A page of extractions: only what is completed with three zeros has succeeded, and times come back.
pub(super) fn extractions(body: &[u8]) {
    let wanted = |id, _: Option<&str>| id == Some(source_id());
    let Some(page) = read(extractions::Page::parse(body, 1, wanted)) else { return };
    assert!(page.look.ends.is_none_or(|(least, greatest)| least <= greatest));
    for row in read(page.of(source_id(), None)).into_iter().flatten() {
        let zeros = row.phases.iter().all(|phase| phase.exit_status == Some(0));
        assert_eq!(row.standing() == Standing::Succeeded, zeros && row.completion.is_some());
        [row.start_time, row.completion_time()].into_iter().flatten().for_each(assert_comes_back);
    }
}

/// A page of loads: an empty page is the last, and times come back.
pub(super) fn loads(body: &[u8]) {
    let Some(page) = read(loads::Page::parse(body, 1, "adwords", &["customers".to_owned()])) else { return };
    page.loads.iter().filter_map(|load| load.last_batch_loaded_at).for_each(assert_comes_back);
}

/// A source: what is documented as text is text, whatever stands there.
pub(super) fn source(body: &[u8]) {
    let Some(source) = read(Source::parse(body)) else { return };
    assert!(source.stitch_client_id.get() > 0);
}

/// The streams of a source: each name once.
pub(super) fn streams(body: &[u8]) {
    let Some(names) = read(streams::parse_selected(body)) else { return };
    let mut once = names.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), names.len());
}

/// Any body of an answer that reports an error, under any status: its words are bounded, and the status decides the kind.
pub(super) fn error_body(body: &[u8]) {
    let read = ErrorBody::parse(&STITCH, body);
    assert!(read.code.is_none_or(|code| (1..=64).contains(&code.len())));
    assert!(read.message.is_none() || read.message == read.raw);
    for status in [301, 400, 401, 404, 429, 500] {
        let retry_after = Some(String::from_utf8_lossy(body).into_owned());
        let answer = Answer { retry_after, body: body.to_vec(), ..answer(status, "") };
        let TaskError { kind, code, message, raw_message, .. } = task_error::of_status(&STITCH, &answer);
        assert_eq!(kind == ErrorKind::Unavailable, status >= 429);
        assert_eq!(kind == ErrorKind::Unauthorized, status == 401);
        assert!(code == format!("http_{status}") || code == "invalid_source");
        assert!(!message.is_empty() && message.chars().count() <= 300 && message.lines().count() == 1, "{message:?}");
        assert!(raw_message.is_none_or(|raw| !raw.is_empty() && raw.chars().count() <= 2_000));
    }
}

/// The name of a job: one line, kept as it is, and whatever it tells can be written.
pub(super) fn job_name(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let Some(job) = JobName::new(text.to_owned()) else { return };
    assert_eq!(job.to_string(), text);
    assert!(!text.contains(char::is_control), "a name of several lines");
    assert!(job.client_id().is_none_or(|id| ClientId::new(id.get()) == Some(id)));
    job.began().into_iter().for_each(|began| {
        assert_comes_back(began.second);
        assert!(began.nanos < 1_000_000_000);
    });
}

/// An id, in JSON: a number or its digits, and the digits of what was read are the same id.
pub(super) fn id(body: &[u8]) {
    let text = json::repaired(body);
    let Ok(value) = json::value(&text) else { return };
    let Some(id) = lenient::id(value).and_then(SourceId::new) else { return };
    let again = id.to_string();
    assert_eq!(json::value(&again).ok().and_then(lenient::id), Some(id.get()));
}

/// A time in either of its forms.
pub(super) fn timestamp(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    [Timestamp::parse(text), Timestamp::parse_http_date(text)].into_iter().flatten().for_each(assert_comes_back);
    // A run holds any number of seconds.
    text.parse().map(Timestamp::from_seconds).into_iter().for_each(assert_comes_back);
}
