//! The usual inputs and answers of native tests.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::NamedValue;
use plugin_guest::json::{self, json};
use plugin_guest::scripted::named;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::stitch::extraction::Extraction;

/// The source of every scripted test.
pub(crate) const SOURCE_ID: u64 = 7;

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

/// A parsed row.
pub(crate) fn extraction(row: &Json) -> Extraction {
    read(row).expect("a row")
}

/// Parses an object.
pub(crate) fn read<T: DeserializeOwned>(object: &Json) -> Result<T, String> {
    let text = object.to_string();
    json::object(json::value(&text).expect("JSON")).map_err(|error| error.to_string())
}
