//! The scenario of native tests: one connection, and a job of it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{NamedValue, Progress};
use plugin_guest::http::Answer;
use plugin_guest::json::{Value as Json, json};
use plugin_guest::scripted::{answer, named};

use crate::connection::ConnectionId;
use crate::job::JobId;
use crate::run::Run;

/// The connection.
pub(crate) const ID: &str = "e3b1ce92-547c-436f-b1e8-23b6936c12cd";
/// Another connection.
pub(crate) const OTHER: &str = "00000000-0000-4000-8000-000000000000";
/// The request that starts a sync.
pub(crate) const START: &str = r#"POST /jobs {"connectionId":"e3b1ce92-547c-436f-b1e8-23b6936c12cd","jobType":"sync"}"#;
/// The request for the latest syncs.
pub(crate) const LATEST: &str =
    "GET /jobs?connectionId=e3b1ce92-547c-436f-b1e8-23b6936c12cd&jobType=sync&orderBy=createdAt%7CDESC&limit=20";
/// The request for the latest refreshes.
pub(crate) const REFRESHES: &str =
    "GET /jobs?connectionId=e3b1ce92-547c-436f-b1e8-23b6936c12cd&jobType=refresh&orderBy=createdAt%7CDESC&limit=20";
/// The request for the connection.
pub(crate) const CONNECTION: &str = "GET /connections/e3b1ce92-547c-436f-b1e8-23b6936c12cd";
/// The request for the job.
pub(crate) const JOB: &str = "GET /jobs/7";
/// The request that cancels it.
pub(crate) const CANCEL: &str = "DELETE /jobs/7";

/// The connection, as an id.
pub(crate) fn id() -> ConnectionId {
    ConnectionId::parse(ID).expect("an id")
}

/// The values of the contract's connection.
pub(crate) fn connection() -> Vec<NamedValue> {
    vec![named("access_token", "hush")]
}

/// The parameters of a task, with the policy.
pub(crate) fn parameters(policy: &str) -> Vec<NamedValue> {
    vec![named("connection_id", ID), named("on_already_running", policy)]
}

/// The run of the job.
pub(crate) fn run() -> String {
    Run { connection_id: id(), job_id: JobId(7), attached: false }.encode()
}

/// The run of a task that was only attached to it.
pub(crate) fn attached_run() -> String {
    Run { connection_id: id(), job_id: JobId(7), attached: true }.encode()
}

/// The job, created at 10:00:00.
pub(crate) fn job(status: &str) -> Json {
    json!({
        "jobId": 7, "status": status, "jobType": "sync", "connectionId": ID,
        "startTime": "2026-01-05T10:00:00Z", "lastUpdatedAt": "2026-01-05T10:01:00Z", "duration": "PT1M",
        "bytesSynced": 4096, "rowsSynced": 32,
    })
}

/// The connection, with its schedule.
pub(crate) fn shown(status: &str, schedule: &str) -> Answer {
    answer(
        200,
        &json!({"connectionId": ID, "name": "crm", "status": status, "schedule": {"scheduleType": schedule}})
            .to_string(),
    )
}

/// The latest jobs.
pub(crate) fn listed(jobs: &[Json]) -> Answer {
    answer(200, &json!({"data": jobs}).to_string())
}

/// The message of a run that goes on.
pub(crate) fn goes_on(progress: Progress) -> String {
    let Progress::Running(running) = progress else { panic!("it ended: {progress:?}") };
    let about = "connection e3b1ce92-547c-436f-b1e8-23b6936c12cd: ";
    running.report.message.strip_prefix(about).expect("it is about the connection").to_owned()
}
