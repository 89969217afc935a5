//! Syncs in the history of a connection.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::json::{self, RawValue, lenient};
use serde::Deserialize;

use crate::moment::{Moment, Told};

/// One item of `GET /v1/connections/{id}/sync-history`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sync {
    /// Fivetran's name for it.
    pub id: Option<String>,
    /// When it began.
    pub began: Moment,
    /// The time and the outcome of its end; none while it runs.
    pub ended: Option<(Moment, Outcome)>,
    /// The reason why it did not complete.
    pub reason: Option<String>,
    /// The volume of each stage that reports it, in megabytes.
    pub volumes: Vec<(&'static str, f64)>,
}

/// Fivetran's `status` of a sync that has ended. Other values are errors.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// It went well.
    Completed,
    /// It failed.
    Failure,
    /// It was stopped, such as by a sync with force.
    Canceled,
    /// It was stopped because a person paused the connection.
    Paused,
    /// It was stopped and postponed.
    Rescheduled,
    /// Fivetran does not say what this means.
    Incomplete,
}

/// The times of a sync, which tell its place in the history.
#[derive(Default, Deserialize)]
pub struct Place {
    /// When it began; none before that.
    #[serde(default)]
    pub start: Told,
    /// When it ended; none before that.
    #[serde(default)]
    pub end: Told,
    #[serde(default, deserialize_with = "lenient::text_field")]
    status: Option<String>,
}

/// The times in JSON. Fields that decide nothing may be anything.
#[derive(Deserialize)]
struct Shown {
    #[serde(default, deserialize_with = "lenient::text_field")]
    sync_id: Option<String>,
    #[serde(default)]
    end: Told,
    #[serde(default, deserialize_with = "lenient::text_field")]
    reason: Option<String>,
}

/// The fields of a sync that has ended.
#[derive(Deserialize)]
struct Ended {
    status: Outcome,
}

impl Place {
    /// Parses the times of an item; an item that is not an object has none.
    pub fn of(item: &RawValue) -> Self {
        json::object(item).unwrap_or_default()
    }

    /// True if it was postponed.
    pub fn is_rescheduled(&self) -> bool {
        self.status.as_deref() == Some("RESCHEDULED")
    }
}

impl Sync {
    /// Parses a sync that began then.
    pub fn read(item: &RawValue, began: Moment) -> json::Result<Self> {
        let shown: Shown = json::object(item)?;
        let ended = match shown.end.known("end")? {
            Some(at) => Some((at, json::object::<Ended>(item)?.status)),
            None => None,
        };
        let volume = |stage| {
            let megabytes = json::at(item, &["stages", stage, "volume"])?.get();
            let megabytes = megabytes.parse().ok().filter(|megabytes: &f64| megabytes.is_finite());
            Some((stage, megabytes?))
        };
        Ok(Self {
            id: shown.sync_id,
            began,
            ended,
            reason: shown.reason,
            volumes: ["extract", "process", "load"].into_iter().filter_map(volume).collect(),
        })
    }
}
