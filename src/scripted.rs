//! What native tests script: the answers of Stitch, and the usual inputs.

use alloc::borrow::ToOwned;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::{Value as Json, json};

use crate::bindings::orchestrator::plugin::types::{NamedValue, Value};
use crate::http::{Answer, Http, Request, SendError};
use crate::status::Status;

/// The source of every scripted test.
pub(crate) const SOURCE_ID: u64 = 7;

/// Answers the requests it expects, in order. It ends the test where another comes, and where one of them does not.
pub(crate) struct Scripted(VecDeque<(String, Result<Answer, SendError>)>);

impl Scripted {
    pub(crate) fn new<const N: usize>(exchanges: [(&str, Result<Answer, SendError>); N]) -> Self {
        Self(exchanges.into_iter().map(|(request, answer)| (request.to_owned(), answer)).collect())
    }

    pub(crate) fn answering<const N: usize>(exchanges: [(&str, Answer); N]) -> Self {
        Self::new(exchanges.map(|(request, answer)| (request, Ok(answer))))
    }
}

impl Http for Scripted {
    fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
        let line = format!("{} {}", format!("{:?}", request.method).to_uppercase(), request.path);
        let (expected, answer) = self.0.pop_front().unwrap_or_else(|| panic!("one request too many: {line}"));
        assert_eq!(line, expected);
        answer
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "never requested: {:?}", self.0);
        }
    }
}

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Answer { status: Status(status), date: None, retry_after: None, body: body.as_bytes().to_vec(), complete: true }
}

/// A named value: text or a whole number.
pub(crate) fn named(name: &str, value: impl Into<Value>) -> NamedValue {
    NamedValue { name: name.to_owned(), value: value.into() }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

pub(crate) fn connection() -> Vec<NamedValue> {
    vec![named("access_token", "hush")]
}

pub(crate) fn parameters() -> Vec<NamedValue> {
    vec![named("source_id", 7)]
}

/// The row of a job that succeeded, as the documentation shows one; the job's name holds the source.
pub(crate) fn row(job_name: &str) -> Json {
    let source_id: u64 = job_name.split('.').nth(1).and_then(|id| id.parse().ok()).unwrap_or(SOURCE_ID);
    json!({
        "job_name": job_name, "stitch_client_id": 116_078, "source_id": source_id, "source_type": "tap-recurly",
        "start_time": "2020-06-19T15:09:38Z", "completion_time": "2020-06-19T15:09:43Z",
        "discovery_exit_status": 0, "discovery_description": null,
        "tap_exit_status": 0, "tap_description": null,
        "target_exit_status": 0, "target_description": null,
    })
}
