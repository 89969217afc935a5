use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Plan;
use crate::plan::Ending;

/// A job of a connection.
#[derive(Clone, Debug)]
pub struct Job {
    pub(crate) id: u64,
    pub(crate) kind: JobType,
    pub(crate) created_at: Timestamp,
    pub(crate) plan: Plan,
    pub(crate) cancelled_at: Option<Timestamp>,
}

/// Airbyte's `jobType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobType {
    /// It moves data.
    Sync,
    /// It empties the destination.
    Clear,
    /// It moves whole streams again.
    Refresh,
}

impl JobType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Clear => "clear",
            Self::Refresh => "refresh",
        }
    }
}

impl Job {
    fn ends_at(&self) -> Timestamp {
        self.created_at.checked_add(self.plan.lasts).unwrap_or(Timestamp::MAX)
    }

    /// Airbyte's `status` at this time.
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        let half = self.created_at.checked_add(self.plan.lasts / 2).unwrap_or(Timestamp::MAX);
        match self.plan.ending {
            _ if self.cancelled_at.is_some() => "cancelled",
            _ if now < self.ends_at() && self.plan.retried && now >= half => "incomplete",
            _ if now < self.ends_at() => "running",
            Ending::Succeeds => "succeeded",
            Ending::Fails => "failed",
            Ending::Cancelled => "cancelled",
        }
    }

    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        !["running", "incomplete"].contains(&self.status(now))
    }

    /// Its JSON.
    pub(crate) fn show(&self, connection: &str, now: Timestamp) -> Value {
        let updated_at = self.cancelled_at.unwrap_or(now.min(self.ends_at()));
        json!({
            "jobId": self.id,
            "status": self.status(now),
            "jobType": self.kind.as_str(),
            "startTime": java(self.created_at),
            "lastUpdatedAt": java(updated_at),
            "connectionId": connection,
            "duration": format!("PT{}S", updated_at.duration_since(self.created_at).as_secs()),
            "bytesSynced": if self.is_over(now) { 4096 } else { 0 },
            "rowsSynced": if self.is_over(now) { 32 } else { 0 },
        })
    }
}

/// Formats a time to the second as Java's `OffsetDateTime` does: without seconds that are zero.
fn java(time: Timestamp) -> String {
    let written = format!("{time:.0}");
    written.strip_suffix(":00Z").map(|minute| format!("{minute}Z")).unwrap_or(written)
}
