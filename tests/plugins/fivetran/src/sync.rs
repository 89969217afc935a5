//! A sync, as the history of its connection tells of it.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::json::{self, Value};

use crate::moment::Moment;

/// One item of `GET /v1/connections/{id}/sync-history`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sync {
    /// Fivetran's name for it.
    pub id: Option<String>,
    /// When it began.
    pub began: Moment,
    /// When and how it ended; none while it runs.
    pub ended: Option<(Moment, Outcome)>,
    /// Why it did not complete.
    pub reason: Option<String>,
    /// What went through each stage that tells of it, in megabytes.
    pub volumes: Vec<(&'static str, f64)>,
}

/// Fivetran's `status` of a sync that has ended. Another than these is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It went well.
    Completed,
    /// It failed.
    Failure,
    /// It was stopped, such as by a sync with force.
    Canceled,
    /// It was stopped because a person paused the connection.
    Paused,
    /// It was stopped and put off.
    Rescheduled,
    /// Fivetran does not say what this means.
    Incomplete,
}

impl Sync {
    /// Reads one that began then.
    pub fn read(item: &Value, began: Moment) -> json::Result<Self> {
        let outcome = || {
            json::required(item, "status", "that of a sync that has ended", |status| match status.as_str()? {
                "COMPLETED" => Some(Outcome::Completed),
                "FAILURE" => Some(Outcome::Failure),
                "CANCELED" => Some(Outcome::Canceled),
                "PAUSED" => Some(Outcome::Paused),
                "RESCHEDULED" => Some(Outcome::Rescheduled),
                "INCOMPLETE" => Some(Outcome::Incomplete),
                _ => None,
            })
        };
        let volume = |stage| Some((stage, item["stages"][stage]["volume"].as_f64()?));
        Ok(Self {
            id: json::text(&item["sync_id"]),
            began,
            ended: Self::moment(item, "end")?
                .map(|at| Ok::<_, plugin_guest::anyhow::Error>((at, outcome()?)))
                .transpose()?,
            reason: json::text(&item["reason"]),
            volumes: ["extract", "process", "load"].into_iter().filter_map(volume).collect(),
        })
    }

    /// When it began or ended: `start` or `end`; none before that.
    pub fn moment(item: &Value, name: &str) -> json::Result<Option<Moment>> {
        json::optional(item, name, Moment::EXPECTED, |value| Moment::parse(value.as_str()?))
    }
}
