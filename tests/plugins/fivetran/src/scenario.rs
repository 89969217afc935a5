//! The scenario of native tests: one connection, and Fivetran's answers on it.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{NamedValue, Progress, Verdict};
use plugin_guest::http::Answer;
use plugin_guest::json::{Value as Json, json};
use plugin_guest::scripted::answer;

pub(crate) use plugin_guest::scripted::named;

/// The request for the connection.
pub(crate) const LOOK: &str = "GET /v1/connections/one";
/// The request that starts a sync.
pub(crate) const SYNC: &str = r#"POST /v1/connections/one/sync {"force": false}"#;
/// Fivetran's answer to it, whether a sync was started or not.
pub(crate) const STARTED: &str = r#"{"code": "Success", "message": "Sync has been successfully triggered"}"#;

/// The request for its history at 13:00:00, since 12:00:00.
pub(crate) const HISTORY: &str = "GET /v1/connections/one/sync-history\
    ?start_time=2026-01-05T12:00:00Z&end_time=2026-01-05T13:00:01Z&limit=1000";

/// The values of the contract's connection.
pub(crate) fn account() -> Vec<NamedValue> {
    vec![named("api_key", "key"), named("api_secret", "hush")]
}

/// The parameters of a task, with the policy.
pub(crate) fn parameters(policy: &str) -> Vec<NamedValue> {
    vec![named("connection_id", "one"), named("on_already_running", policy)]
}

/// The parameter that asks for a sync of a connection that is not set up.
pub(crate) fn sync_unready() -> NamedValue {
    NamedValue { name: "sync_unready".to_owned(), value: plugin_guest::contract::Value::Boolean(true) }
}

/// The connection, with some of its fields changed; those of its status are named `status.…`. Its last sync succeeded at 10.
pub(crate) fn shown(changes: &[(&str, Json)]) -> Answer {
    let mut data = json!({
        "id": "one", "service": "salesforce", "schema": "crm", "paused": false, "schedule_type": "auto",
        "succeeded_at": "2026-01-05T10:00:00.5Z", "failed_at": null,
        "status": {"setup_state": "connected", "sync_state": "scheduled", "rescheduled_for": null, "tasks": [], "warnings": []},
    });
    for (field, value) in changes {
        match field.strip_prefix("status.") {
            Some(field) => data["status"][field] = value.clone(),
            None => data[*field] = value.clone(),
        }
    }
    answer(200, &json!({"code": "Success", "data": data}).to_string())
}

/// The connection at a time of that day.
pub(crate) fn shown_at(time: &str, changes: &[(&str, Json)]) -> Answer {
    let mut answer = shown(changes);
    answer.date = Some(alloc::format!("Mon, 05 Jan 2026 {time} GMT"));
    answer
}

/// The history of these syncs.
pub(crate) fn history(syncs: &[Json]) -> Answer {
    answer(200, &json!({"code": "Success", "data": {"items": syncs, "next_cursor": null}}).to_string())
}

/// A sync of the history: when it began on that day, when it ended, if it has, and how.
pub(crate) fn synced(began: &str, ended: Option<&str>, status: &str) -> Json {
    json!({
        "sync_id": alloc::format!("of {began}"), "start": at(began), "end": ended.map(at), "status": status,
        "stages": {"extract": {"volume": 1.5}, "process": {"volume": null}, "load": {}},
    })
}

/// A moment of that day.
pub(crate) fn at(time: &str) -> Json {
    json!(alloc::format!("2026-01-05T{time}Z"))
}

/// An answer with these bytes instead of the text `"the place"`.
pub(crate) fn with(answer: Answer, value: &[u8]) -> Answer {
    let text = String::from_utf8(answer.body).expect("UTF-8");
    let (before, after) = text.split_once(r#""the place""#).expect("a place");
    let body = [before.as_bytes(), value, after.as_bytes()].concat();
    Answer { body, ..answer }
}

/// The message and the run of a run that goes on.
pub(crate) fn goes_on(progress: Progress) -> (String, String) {
    let Progress::Running(running) = progress else { panic!("it ended: {progress:?}") };
    (event(&running.report.message), running.run)
}

/// The verdict and the message of a run that has ended.
pub(crate) fn ended(progress: Progress) -> (Verdict, String) {
    let Progress::Finished(finished) = progress else { panic!("it goes on: {progress:?}") };
    (finished.verdict, event(&finished.report.message))
}

fn event(message: &str) -> String {
    message.strip_prefix("connection one: ").expect("it is about the connection").to_owned()
}
