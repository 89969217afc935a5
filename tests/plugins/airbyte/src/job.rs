//! Airbyte's jobs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use plugin_guest::anyhow::{Context, bail};
use plugin_guest::contract::Verdict;
use plugin_guest::json::{self, RawValue, json, lenient};
use plugin_guest::report::{one_line, shorten};
use plugin_guest::timestamp::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::connection::ConnectionId;

/// The number of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobId(pub u64);

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        lenient::id(raw).map(Self).ok_or_else(|| lenient::not("an id", raw))
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The path of a job.
pub fn path(id: JobId) -> String {
    format!("/jobs/{id}")
}

/// The path to start jobs.
pub const PATH: &str = "/jobs";

/// The number of jobs in a list of the latest.
pub const MOST_LISTED: usize = 20;

/// A type of job, as Airbyte calls it.
#[derive(Clone, Copy, Debug)]
pub enum JobType {
    /// It moves new data.
    Sync,
    /// It moves whole streams again: Airbyte may turn a requested sync into one if streams are due for it.
    Refresh,
}

/// The path of the latest jobs of a connection and a type, latest first.
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

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Its status.
    pub status: Status,
    /// When Airbyte created it, if readable.
    pub started_at: Option<Timestamp>,
    /// When it last changed, if readable: once it has ended, when it did.
    pub updated_at: Option<Timestamp>,
    /// Its duration, as Airbyte writes it (ISO 8601).
    pub duration: Option<String>,
    /// The number of bytes moved.
    pub bytes_synced: Option<u64>,
    /// The number of rows moved.
    pub rows_synced: Option<u64>,
}

/// Airbyte's `status` of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It waits to be run.
    Pending,
    /// It runs.
    Running,
    /// An attempt failed, and another will follow.
    Incomplete,
    /// It ended well.
    Succeeded,
    /// It failed.
    Failed,
    /// It was stopped.
    Cancelled,
    /// An undocumented word, or none: neither an end nor a reason to refuse a start.
    Unknown(Option<String>),
}

impl Default for Status {
    fn default() -> Self {
        Self::Unknown(None)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        let word = lenient::text_field(field)?;
        let known = [Self::Pending, Self::Running, Self::Incomplete, Self::Succeeded, Self::Failed, Self::Cancelled];
        let known = known.into_iter().find(|known| word.as_deref() == Some(known.word()));
        Ok(known.unwrap_or(Self::Unknown(word)))
    }
}

/// A job in JSON. Fields that are only shown to people may be anything.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    job_id: JobId,
    #[serde(default)]
    status: Status,
    #[serde(default, deserialize_with = "connection_id_or_none")]
    connection_id: Option<ConnectionId>,
    #[serde(default, deserialize_with = "lenient::time_or_none_field")]
    start_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::time_or_none_field")]
    last_updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::text_field")]
    duration: Option<String>,
    #[serde(default, deserialize_with = "lenient::count_or_none_field")]
    bytes_synced: Option<u64>,
    #[serde(default, deserialize_with = "lenient::count_or_none_field")]
    rows_synced: Option<u64>,
}

/// The fields that tell whether a row can be the wanted job.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    #[serde(default, deserialize_with = "connection_id_or_none")]
    connection_id: Option<ConnectionId>,
    #[serde(default, deserialize_with = "lenient::time_or_none_field")]
    start_time: Option<Timestamp>,
}

fn connection_id_or_none<'de, D: Deserializer<'de>>(field: D) -> Result<Option<ConnectionId>, D::Error> {
    Ok(ConnectionId::read(<&RawValue>::deserialize(field)?))
}

/// An answer with a list of jobs.
#[derive(Deserialize)]
struct Shelf<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

/// A list of jobs.
pub struct List {
    /// For each job of this connection the time of its creation, if readable, and the rest. An unparsed row matters
    /// only if it could be the wanted job.
    pub rows: Vec<(Option<Timestamp>, json::Result<Job>)>,
    /// True if it has as many rows as requested, so that there may be older jobs.
    pub is_full: bool,
}

impl Status {
    /// The verdict of this status; none while the job goes on, perhaps with another attempt.
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Pending | Self::Running | Self::Incomplete | Self::Unknown(_) => None,
            Self::Succeeded => Some(Verdict::Succeeded),
            Self::Failed => Some(Verdict::Failed),
            Self::Cancelled => Some(Verdict::Cancelled),
        }
    }

    /// The status in words.
    pub fn event(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "the sync stands in a way that is not known",
            Self::Pending => "the sync waits for a place",
            Self::Running => "the sync is running",
            Self::Incomplete => "an attempt failed, and airbyte tries again",
            Self::Succeeded => "the sync succeeded",
            Self::Failed => "the sync failed: its page in airbyte tells why",
            Self::Cancelled => "the sync was cancelled",
        }
    }
}

impl Status {
    /// Airbyte's own word.
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Incomplete => "incomplete",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown(word) => word.as_deref().unwrap_or("none"),
        }
    }
}

impl Job {
    /// Parses a job of this connection, whatever its status.
    pub fn parse(body: &[u8], connection_id: ConnectionId) -> json::Result<Self> {
        Self::read(json::value(&json::repaired(body))?, connection_id)
    }

    /// Parses this job, whose status must be known.
    pub fn parse_one(body: &[u8], connection_id: ConnectionId, id: JobId) -> json::Result<Self> {
        let job = Self::parse(body, connection_id)?;
        if job.id != id {
            bail!("jobId is {}, not {id}", job.id);
        }
        match &job.status {
            Status::Unknown(None) => bail!("missing field `status`"),
            Status::Unknown(Some(word)) => {
                bail!("status: not one of a job: {}", shorten(&one_line(word), json::MOST_SHOWN))
            }
            _ => {}
        }
        Ok(job)
    }

    fn read(raw: &RawValue, connection_id: ConnectionId) -> json::Result<Self> {
        let shown: Shown = json::object(raw)?;
        if let Some(other) = shown.connection_id.filter(|of| *of != connection_id) {
            bail!("connectionId is {other}, not {connection_id}");
        }
        Ok(Self {
            id: shown.job_id,
            status: shown.status,
            started_at: shown.start_time,
            updated_at: shown.last_updated_at,
            duration: shown.duration,
            bytes_synced: shown.bytes_synced,
            rows_synced: shown.rows_synced,
        })
    }
}

impl List {
    /// Parses a list of jobs of this connection.
    pub fn parse(body: &[u8], connection_id: ConnectionId) -> json::Result<Self> {
        let text = json::repaired(body);
        let Shelf { data } = json::object(json::value(&text)?)?;
        let (mut rows, mut shown) = (Vec::new(), 0);
        let take = |place, row: &RawValue| {
            shown = place + 1;
            let Place { connection_id: of, start_time } = json::object(row).unwrap_or_default();
            if of.is_none_or(|of| of == connection_id) {
                rows.push((start_time, Job::read(row, connection_id).with_context(|| format!("data[{place}]"))));
            }
        };
        json::rows(data, take).context("data")?;
        Ok(Self { rows, is_full: shown >= MOST_LISTED })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ID, id, job};

    fn parsed(body: &str) -> json::Result<Job> {
        Job::parse(body.as_bytes(), id())
    }

    #[test]
    fn what_is_there_for_people_alone_keeps_no_status_from_being_read() {
        let mut odd = job("succeeded");
        for name in ["startTime", "lastUpdatedAt", "duration", "bytesSynced", "rowsSynced"] {
            odd[name] = json!({"odd": name});
        }
        let job = parsed(&odd.to_string()).expect("a job");
        assert_eq!(job.status, Status::Succeeded);
        assert_eq!((job.started_at, job.updated_at, job.bytes_synced, job.rows_synced), (None, None, None, None));
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
    fn a_job_is_known_by_its_number_in_every_form() {
        for id in ["7", r#""7""#, "7.0"] {
            let body = format!(r#"{{"jobId": {id}, "status": "running", "connectionId": 5}}"#);
            assert_eq!(parsed(&body).expect(id).id, JobId(7));
        }
    }

    #[test]
    fn a_row_of_another_connection_is_left_out_and_still_fills_the_page() {
        let mut other = job("running");
        other["connectionId"] = crate::scenario::OTHER.into();
        let body = json!({"data": vec![other; MOST_LISTED]}).to_string();
        let list = List::parse(body.as_bytes(), id()).expect("a list");
        assert!(list.rows.is_empty() && list.is_full);
    }

    #[test]
    fn a_list_is_read_row_by_row() {
        let body = json!({"data": [job("running"), {"startTime": "2026-01-05T09:00Z"}, 7]}).to_string();
        let list = List::parse(body.as_bytes(), id()).expect("a list");
        let at = |text| Timestamp::parse(text);
        let rows: Vec<_> = list.rows.iter().map(|(began, job)| (*began, job.is_ok())).collect();
        assert_eq!(rows, [(at("2026-01-05T10:00:00Z"), true), (at("2026-01-05T09:00:00Z"), false), (None, false)]);
    }

    #[test]
    fn only_three_statuses_are_ends_and_unknown_ones_are_not_understood() {
        for (status, verdict) in [
            ("pending", None),
            ("running", None),
            ("incomplete", None),
            ("succeeded", Some(Verdict::Succeeded)),
            ("failed", Some(Verdict::Failed)),
            ("cancelled", Some(Verdict::Cancelled)),
        ] {
            let body = json!({"jobId": 7, "status": status, "jobType": "sync"}).to_string();
            let found = parsed(&body).expect(status).status;
            assert_eq!((found.verdict(), found.word()), (verdict, status));
        }
        for (body, problem) in [
            (r#"{"jobId": 7, "status": "done"}"#, "status: not one of a job: done"),
            (r#"{"jobId": 7, "status": 1}"#, "status: not one of a job: 1"),
            (r#"{"jobId": 7}"#, "missing field `status`"),
            (r#"{"jobId": 7, "status": null}"#, "missing field `status`"),
        ] {
            assert_eq!(parsed(body).expect(body).status.verdict(), None);
            assert_eq!(Job::parse_one(body.as_bytes(), id(), JobId(7)).expect_err(body).to_string(), problem);
        }
        for (body, problem) in [
            (r#"{"status": "running"}"#, "missing field `jobId`"),
            (r#"{"jobId": "x", "status": "running"}"#, r#"jobId: not an id: "x""#),
            ("[]", "not an object: []"),
            (r#"[7, "succeeded"]"#, r#"not an object: [7, "succeeded"]"#),
        ] {
            assert_eq!(parsed(body).expect_err(body).to_string(), problem);
        }
    }
}
