//! A job as Airbyte shows it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use plugin_guest::contract::Verdict;
use plugin_guest::json::{self, Result, Value, json};
use plugin_guest::timestamp::Timestamp;

use crate::connection::ConnectionId;

/// The number of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The path of a job.
pub fn path(id: JobId) -> String {
    format!("/jobs/{id}")
}

/// The path where jobs are started.
pub const PATH: &str = "/jobs";

/// The path of the latest jobs of a connection, the latest first.
pub fn latest_path(connection_id: ConnectionId) -> String {
    format!("/jobs?connectionId={connection_id}&orderBy=createdAt%7CDESC&limit=20")
}

/// The body of the request that starts a sync.
pub fn start(connection_id: ConnectionId) -> String {
    json!({"connectionId": connection_id.to_string(), "jobType": "sync"}).to_string()
}

/// What Airbyte says of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Whether it syncs: others clear, reset or refresh.
    pub is_sync: bool,
    /// Where it stands.
    pub standing: Standing,
    /// Airbyte's own word for that.
    pub status: String,
    /// When Airbyte created it.
    pub started_at: Option<Timestamp>,
    /// When it changed last: once it has ended, when it did.
    pub updated_at: Option<Timestamp>,
    /// How many bytes it moved.
    pub bytes_synced: Option<u64>,
    /// How many rows it moved.
    pub rows_synced: Option<u64>,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on, perhaps with another attempt.
    Running,
    /// It has ended.
    Ended(Verdict),
}

impl Job {
    /// Understands an answer.
    pub fn parse(body: &[u8]) -> Result<Self> {
        Self::read(&json::parse(body)?)
    }

    /// Understands a list of jobs.
    pub fn parse_list(body: &[u8]) -> Result<Vec<Self>> {
        let json = json::parse(body)?;
        json::required(&json, "data", "a list", Value::as_array)?.iter().map(Self::read).collect()
    }

    fn read(json: &Value) -> Result<Self> {
        let standing = |status: &Value| match status.as_str()? {
            "pending" | "running" | "incomplete" => Some(Standing::Running),
            "succeeded" => Some(Standing::Ended(Verdict::Succeeded)),
            "failed" => Some(Standing::Ended(Verdict::Failed)),
            "cancelled" => Some(Standing::Ended(Verdict::Cancelled)),
            _ => None,
        };
        Ok(Self {
            id: json::required(json, "jobId", "an id", json::id).map(JobId)?,
            is_sync: json["jobType"] == "sync",
            standing: json::required(json, "status", "a status that airbyte documents", standing)?,
            status: json["status"].as_str().unwrap_or_default().to_owned(),
            started_at: json::time(json, "startTime")?,
            updated_at: json::time(json, "lastUpdatedAt")?,
            bytes_synced: json::optional(json, "bytesSynced", "a count", Value::as_u64)?,
            rows_synced: json::optional(json, "rowsSynced", "a count", Value::as_u64)?,
        })
    }

    /// Where it stands, in words.
    pub fn event(&self) -> &'static str {
        match (self.standing, self.status.as_str()) {
            (Standing::Running, "pending") => "the sync waits for a place",
            (Standing::Running, "incomplete") => "an attempt failed, and airbyte tries again",
            (Standing::Running, _) => "the sync is running",
            (Standing::Ended(Verdict::Succeeded), _) => "the sync succeeded",
            (Standing::Ended(Verdict::Cancelled), _) => "the sync was cancelled",
            (Standing::Ended(_), _) => "the sync failed: its page in airbyte tells why",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_statuses_are_ends_and_unknown_ones_are_not_understood() {
        use Standing::{Ended, Running};
        for (status, standing) in [
            ("pending", Running),
            ("running", Running),
            ("incomplete", Running),
            ("succeeded", Ended(Verdict::Succeeded)),
            ("failed", Ended(Verdict::Failed)),
            ("cancelled", Ended(Verdict::Cancelled)),
        ] {
            let body = json!({"jobId": 7, "status": status, "jobType": "sync"}).to_string();
            assert_eq!(Job::parse(body.as_bytes()).expect(status).standing, standing);
        }
        for (body, problem) in [
            (r#"{"jobId": 7, "status": "done"}"#, "status is not a status that airbyte documents: \"done\""),
            (r#"{"jobId": 7}"#, "status is missing"),
            (r#"{"status": "running"}"#, "jobId is missing"),
            ("[]", "jobId is missing"),
        ] {
            assert_eq!(Job::parse(body.as_bytes()).expect_err(body).to_string(), problem);
        }
    }
}
