//! Polls with odd text in the answers: as drivers cut it, databases store it and gateways pass it on.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use plugin_guest::contract::{ErrorKind, Progress, TaskError, Verdict};
use plugin_guest::http::Answer;
use plugin_guest::scripted::{Scripted, answer, named};
use proptest::prelude::*;
use serde_json::json;

use crate::poll::poll;
use crate::run::Run;
use crate::scripted::{SOURCE_ID, connection, parameters, row};
use crate::stitch::id::SourceId;
use crate::stitch::job_name::JobName;

const OURS: &str = "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d";

/// The result of a poll with these bytes as Stitch's answer.
fn polled(body: Vec<u8>) -> Result<Progress, TaskError> {
    let run = Run { job: JobName::new(OURS.into()), ..Run::new(SourceId::new(SOURCE_ID).expect("an id")) };
    let page = Answer { body, ..answer(200, "") };
    let mut http = Scripted::answering([("GET /v4/116078/extractions?page=1", page)]);
    poll(&mut http, &connection(), &parameters(), &run.encode())
}

fn verdict(body: Vec<u8>) -> Option<Verdict> {
    match polled(body) {
        Ok(Progress::Finished(finished)) => Some(finished.verdict),
        _ => None,
    }
}

/// A page with this row before ours.
fn beside(other: &[u8]) -> Vec<u8> {
    [br#"{"data": ["#, other, b", ", row(OURS).to_string().as_bytes(), b"]}"].concat()
}

/// A page with only our row, with these fields replaced.
fn ours_with(fields: &str) -> Vec<u8> {
    let row = row(OURS).to_string();
    // Of two fields with the same name the later one counts.
    format!(r#"{{"data": [{},{fields}}}]}}"#, row.trim_end_matches('}')).into_bytes()
}

#[test]
fn nothing_in_the_row_of_another_source_hides_ours() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let nested = format!(r#"{{"source_id": 99, "x": {deep}}}"#);
    for other in [
        &br#"{"source_id":99,"tap_description":"cut \ud83d"}"#[..],
        br#"{"source_id":99,"tap_description":"\u12 \x41 \'"}"#,
        b"{\"source_id\":99,\"tap_description\":\"caf\xe9 \xed\xa0\xbd\"}",
        b"{\"source_id\":99,\"tap_description\":\"a\nb\x00\x1b\x7f\"}",
        br#"{"source_id":99,"rows":NaN,"bytes":-Infinity,"huge":1e999}"#,
        br#"{"source_id":99,"source_id":99,"tap_exit_status":"odd"}"#,
        br#"{"source_id":"ninety","job_name":{"odd":[]}}"#,
        br#"{"source_id":null}"#,
        br#"{"source_id":-1}"#,
        br#"{"source_id":1e400}"#,
        br#"[{"source_id":7}]"#,
        b"null",
        b"\"7\"",
        deep.as_bytes(),
        nested.as_bytes(),
    ] {
        assert_eq!(verdict(beside(other)), Some(Verdict::Succeeded), "{:?}", String::from_utf8_lossy(other));
    }
}

#[test]
fn a_byte_order_mark_before_a_page_hides_nothing() {
    let page = json!({"data": [row(OURS)]}).to_string();
    assert_eq!(verdict([b"\xef\xbb\xbf", page.as_bytes()].concat()), Some(Verdict::Succeeded));
    let utf_16: Vec<u8> = [0xfeff].into_iter().chain(page.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(verdict(utf_16), Some(Verdict::Succeeded));
}

#[test]
fn our_row_is_found_by_its_name_whatever_its_source_is_said_to_be() {
    for source_id in ["null", "99", "\"x\"", "{}", "7.0", "\"7\""] {
        let page = ours_with(&format!(r#""source_id": {source_id}"#));
        assert_eq!(verdict(page), Some(Verdict::Succeeded), "{source_id}");
    }
}

#[test]
fn nothing_in_our_row_that_no_verdict_depends_on_stops_it() {
    for fields in [
        r#""start_time": "noon""#,
        r#""start_time": {"a": []}, "source_type": [], "tap_name": 7"#,
        r#""completion_time": "2020-06-19 15:09:43,5 +0000""#,
        r#""completion_time": 1592579383000"#,
        r#""completion_time": "at noon""#,
        r#""tap_description": "cut \ud83d", "stitch_client_id": []"#,
        r#""tap_exit_status": "0", "target_exit_status": 0.0"#,
        r#""tap_exit_status": 1, "tap_exit_status": 0"#,
    ] {
        assert_eq!(verdict(ours_with(fields)), Some(Verdict::Succeeded), "{fields}");
    }
    for total in ["\"all\"", "-1", "{}", "null"] {
        let page = format!(r#"{{"data": [{}], "total": {total}, "page": [], "links": 7}}"#, row(OURS));
        assert_eq!(verdict(page.into_bytes()), Some(Verdict::Succeeded), "{total}");
    }
}

#[test]
fn the_text_of_a_phase_that_failed_is_mended_and_shown() {
    let page = ours_with(r#""tap_exit_status": "1", "tap_description": "no table caf\ud83d""#);
    let Ok(Progress::Finished(finished)) = polled(page) else { panic!("not finished") };
    assert_eq!(finished.verdict, Verdict::Failed);
    assert_eq!(finished.report.message, "source 7: the tap failed with exit status 1: no table caf\u{fffd}");
}

#[test]
fn what_the_verdict_depends_on_is_named_where_it_cannot_be_read() {
    for (fields, problem) in [
        (r#""tap_exit_status": "odd""#, "tap_exit_status: not a whole number: \"odd\""),
        (r#""target_exit_status": [0]"#, "target_exit_status: not a whole number: [0]"),
    ] {
        let error = polled(ours_with(fields)).expect_err("not understood");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
        assert_eq!(error.message, format!("stitch's answer was not understood: job {OURS}: {problem}"));
    }
}

#[test]
fn a_row_of_another_job_of_our_source_stops_nothing_whatever_its_statuses_are() {
    let older = "116078.7.sync.c12fb0a7-7e4a-11e9-abdc-0edc2c318fba";
    let page = |job: &str| {
        let mut row = row(job);
        row["tap_exit_status"] = "odd".into();
        serde_json::json!({"data": [row], "total": 1}).to_string().into_bytes()
    };
    assert_eq!(verdict(page(older)), None);
    assert_eq!(verdict(page("116078.7.sync.e4d8eae6-b23e-11ea-94a1-02cbbd504f7d")), Some(Verdict::Unknown));
}

#[test]
fn our_row_found_by_its_name_counts_though_another_of_its_source_cannot_be_read() {
    for other in [&br#"{"source_id":7,"job_name":"odd"}"#[..], br#"{"source_id":7,"job_name":1}"#] {
        assert_eq!(verdict(beside(other)), Some(Verdict::Succeeded));
    }
}

#[test]
fn loads_are_waited_for_from_the_look_on_where_the_end_of_the_extraction_cannot_be_read() {
    let run = Run { job: JobName::new(OURS.into()), ..Run::new(SourceId::new(SOURCE_ID).expect("an id")) };
    let polled = |date: Option<&str>| {
        let body = ours_with(r#""completion_time": "at noon""#);
        let page = Answer { body, date: date.map(ToString::to_string), ..answer(200, "") };
        let mut http = Scripted::answering([("GET /v4/116078/extractions?page=1", page)]);
        let parameters = [parameters(), [named("wait_for", "load")].into()].concat();
        poll(&mut http, &connection(), &parameters, &run.encode()).expect("progress")
    };
    let Progress::Running(running) = polled(Some("Fri, 19 Jun 2020 15:10:00 GMT")) else { panic!("not running") };
    let kept = Run::decode(&running.run, run.source_id).expect("a run").extracted.expect("an extraction");
    assert_eq!(kept.completed_at.to_string(), "2020-06-19T15:10:00Z");
    let Progress::Finished(finished) = polled(None) else { panic!("not finished") };
    assert_eq!(finished.verdict, Verdict::Unknown);
    assert_eq!(
        finished.report.message,
        "source 7: extracted; which loads are of it is not known: stitch tells no time that can be read"
    );
}

/// Bytes that may be inside a JSON string without ending it: any bytes, and invalid escapes.
fn odd_text() -> impl Strategy<Value = Vec<u8>> {
    let escapes = [r"\ud83d", r"\ude00", r"\u12 ", r"\x", r"\'", r#"\""#, r"\\", r"\u0000", r"\u"];
    let bytes =
        any::<u8>().prop_filter("it would end the text", |byte| !b"\"\\".contains(byte)).prop_map(|byte| [byte].into());
    let escape = prop::sample::select(escapes.to_vec()).prop_map(|escape| escape.as_bytes().to_vec());
    prop::collection::vec(prop_oneof![bytes, escape], 0..40).prop_map(|parts: Vec<Vec<u8>>| parts.concat())
}

proptest! {
    #[test]
    fn one_odd_id_on_another_page_does_not_hide_ours(odd in any::<u64>(), at in 0_usize..6) {
        let run = Run { job: JobName::new(OURS.into()), ..Run::new(SourceId::new(SOURCE_ID).expect("an id")) };
        let mut ids = [1, 2, 3, 4, 5, 6];
        ids[at] = odd;
        let others: Vec<_> = ids.iter().map(|id| json!({"source_id": id})).collect();
        let page = |rows| answer(200, &json!({"data": rows, "total": 101}).to_string());
        let [first, second] = [1, 2].map(|page| format!("GET /v4/116078/extractions?page={page}"));
        let mut http = Scripted::answering([(&*first, page(others)), (&*second, page([row(OURS)].into()))]);
        let polled = poll(&mut http, &connection(), &parameters(), &run.encode());
        let is_success = matches!(polled, Ok(Progress::Finished(finished)) if finished.verdict == Verdict::Succeeded);
        // An odd id may be ours by chance.
        prop_assert!(is_success || odd == SOURCE_ID);
    }

    #[test]
    fn no_text_in_the_row_of_another_source_changes_our_verdict(text in odd_text(), name in odd_text()) {
        let other = [br#"{"source_id": 99, "tap_description": ""#, &text[..], br#"", ""#, &name, br#"": 1}"#].concat();
        prop_assert_eq!(verdict(beside(&other)), Some(Verdict::Succeeded));
    }

    #[test]
    fn no_text_in_our_row_changes_its_verdict(text in odd_text(), field in "start_time|source_type|tap_description|tap_name|new") {
        let row = row(OURS).to_string();
        let head = format!(r#"{{"data": [{},"{field}": ""#, row.trim_end_matches('}'));
        prop_assert_eq!(verdict([head.as_bytes(), &text, br#""}]}"#].concat()), Some(Verdict::Succeeded));
    }

    #[test]
    fn no_json_in_the_row_of_another_source_changes_our_verdict(depth in 0_usize..2_000, number in "-?[0-9]{1,400}(\\.[0-9]{1,9})?(e[0-9]{1,4})?") {
        let number = number.trim_start_matches(['-', '0']).to_owned();
        let number = if number.starts_with(|first: char| first.is_ascii_digit()) { number } else { "7".to_owned() };
        let other = format!(r#"{{"source_id": {number}, "x": {}0{}}}"#, r#"{"a":["#.repeat(depth), "]}".repeat(depth));
        prop_assume!(number != "7");
        prop_assert_eq!(verdict(beside(other.as_bytes())), Some(Verdict::Succeeded));
    }
}
