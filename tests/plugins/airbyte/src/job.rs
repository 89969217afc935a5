//! A job as Airbyte shows it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use plugin_guest::anyhow::bail;
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

/// How many jobs a look at the latest ones shows.
pub const MOST_LISTED: usize = 20;

/// A type of job, as Airbyte calls it.
#[derive(Clone, Copy, Debug)]
pub enum JobType {
    /// It moves what is new.
    Sync,
    /// It moves streams anew: what Airbyte may make of a sync that is asked for where streams wait for that.
    Refresh,
}

/// The path of the latest jobs of a connection and a type, the latest first.
pub fn latest_path(connection_id: ConnectionId, job_type: JobType) -> String {
    let job_type = match job_type {
        JobType::Sync => "sync",
        JobType::Refresh => "refresh",
    };
    format!("/jobs?connectionId={connection_id}&jobType={job_type}&orderBy=createdAt%7CDESC&limit={MOST_LISTED}")
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
    /// Where it stands.
    pub standing: Standing,
    /// Airbyte's own word for that.
    pub status: String,
    /// When Airbyte created it, where that can be read.
    pub started_at: Option<Timestamp>,
    /// When it changed last, likewise: once it has ended, when it did.
    pub updated_at: Option<Timestamp>,
    /// How long it took, in Airbyte's words (ISO 8601).
    pub duration: Option<String>,
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

/// A list of jobs: of each, when Airbyte created it, where that can be read, and the rest. A row that is not understood
/// matters only where it could be the one that is looked for.
pub type List = Vec<(Option<Timestamp>, Result<Job>)>;

impl Job {
    /// Understands an answer about a job of this connection.
    pub fn parse(body: &[u8], connection_id: ConnectionId) -> Result<Self> {
        Self::read(&json::parse(body)?, connection_id)
    }

    /// Understands an answer about this job.
    pub fn parse_one(body: &[u8], connection_id: ConnectionId, id: JobId) -> Result<Self> {
        let job = Self::parse(body, connection_id)?;
        if job.id != id {
            bail!("jobId is {}, not {id}", job.id);
        }
        Ok(job)
    }

    /// Understands a list of jobs of this connection.
    pub fn parse_list(body: &[u8], connection_id: ConnectionId) -> Result<List> {
        let json = json::parse(body)?;
        let rows = json::required(&json, "data", "a list", Value::as_array)?;
        Ok(rows.iter().map(|row| (started_at(row), Self::read(row, connection_id))).collect())
    }

    fn read(json: &Value, connection_id: ConnectionId) -> Result<Self> {
        let standing = |status: &Value| match status.as_str()? {
            "pending" | "running" | "incomplete" => Some(Standing::Running),
            "succeeded" => Some(Standing::Ended(Verdict::Succeeded)),
            "failed" => Some(Standing::Ended(Verdict::Failed)),
            "cancelled" => Some(Standing::Ended(Verdict::Cancelled)),
            _ => None,
        };
        let of = json::optional(json, "connectionId", "an id", |id| ConnectionId::parse(id.as_str()?))?;
        if let Some(other) = of.filter(|of| *of != connection_id) {
            bail!("connectionId is {other}, not {connection_id}");
        }
        Ok(Self {
            id: json::required(json, "jobId", "an id", json::id).map(JobId)?,
            standing: json::required(json, "status", "a status that airbyte documents", standing)?,
            status: json["status"].as_str().unwrap_or_default().to_owned(),
            started_at: started_at(json),
            updated_at: json::time(json, "lastUpdatedAt").ok().flatten(),
            duration: json["duration"].as_str().map(str::to_owned),
            bytes_synced: json["bytesSynced"].as_u64(),
            rows_synced: json["rowsSynced"].as_u64(),
        })
    }

    /// Whether it goes on.
    pub fn runs(&self) -> bool {
        self.standing == Standing::Running
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

fn started_at(json: &Value) -> Option<Timestamp> {
    json::time(json, "startTime").ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ID, id, job};

    fn parsed(body: &str) -> Result<Job> {
        Job::parse(body.as_bytes(), id())
    }

    #[test]
    fn what_is_there_for_people_alone_keeps_no_status_from_being_read() {
        let mut odd = job("succeeded");
        for name in ["startTime", "lastUpdatedAt", "duration", "bytesSynced", "rowsSynced"] {
            odd[name] = json!({"odd": name});
        }
        let job = parsed(&odd.to_string()).expect("a job");
        assert_eq!(job.standing, Standing::Ended(Verdict::Succeeded));
        assert_eq!((job.started_at, job.updated_at, job.duration), (None, None, None));
    }

    #[test]
    fn another_job_and_one_of_another_connection_are_not_understood() {
        let of_another = "00000000-0000-4000-8000-000000000000";
        let mut other = job("succeeded");
        other["connectionId"] = of_another.into();
        let problem = parsed(&other.to_string()).expect_err("another").to_string();
        assert_eq!(problem, format!("connectionId is {of_another}, not {ID}"));
        let body = job("succeeded").to_string();
        let problem = Job::parse_one(body.as_bytes(), id(), JobId(8)).expect_err("another").to_string();
        assert_eq!(problem, "jobId is 7, not 8");
    }

    #[test]
    fn a_list_is_read_row_by_row() {
        let body = json!({"data": [job("running"), {"startTime": "2026-01-05T09:00Z"}, 7]}).to_string();
        let list = Job::parse_list(body.as_bytes(), id()).expect("a list");
        let at = |text| Timestamp::parse(text);
        let rows: Vec<_> = list.iter().map(|(began, job)| (*began, job.is_ok())).collect();
        assert_eq!(rows, [(at("2026-01-05T10:00:00Z"), true), (at("2026-01-05T09:00:00Z"), false), (None, false)]);
    }

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
            assert_eq!(parsed(&body).expect(status).standing, standing);
        }
        for (body, problem) in [
            (r#"{"jobId": 7, "status": "done"}"#, "status is not a status that airbyte documents: \"done\""),
            (r#"{"jobId": 7}"#, "status is missing"),
            (r#"{"status": "running"}"#, "jobId is missing"),
            ("[]", "jobId is missing"),
        ] {
            assert_eq!(parsed(body).expect_err(body).to_string(), problem);
        }
    }
}
