//! A sync, as the history of its connection tells of it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::anyhow::bail;
use plugin_guest::json::{self, Value};
use plugin_guest::timestamp::Timestamp;

use crate::moment::Moment;

/// One item of `GET /v1/connections/{id}/sync-history`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sync {
    /// Fivetran's name for it.
    pub id: String,
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
    /// Reads the first one that began since then off a history. One that was put off comes last unless the schedule is
    /// `manual`: the one that takes its place stands for it.
    pub fn first(body: &[u8], since: Timestamp, manual: bool) -> json::Result<Option<Self>> {
        let history = json::parse(body)?;
        let data = &history["data"];
        let mut first = None;
        for item in json::required(data, "items", "a list", Value::as_array)? {
            // It has not begun.
            let Some(began) = moment(item, "start")? else { continue };
            let place = (item["status"] == "RESCHEDULED" && !manual, began);
            if began.second() >= since && first.is_none_or(|(_, earlier)| place < earlier) {
                first = Some((item, place));
            }
        }
        // In which order they come is not documented.
        if json::text(&data["next_cursor"]).is_some_and(|cursor| !cursor.is_empty()) {
            bail!("the history since {since} has more than one page");
        }
        first.map(|(item, (_, began))| Self::read(item, began)).transpose()
    }

    fn read(item: &Value, began: Moment) -> json::Result<Self> {
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
            id: json::required(item, "sync_id", "text", |id| id.as_str().map(str::to_owned))?,
            began,
            ended: moment(item, "end")?.map(|at| Ok::<_, plugin_guest::anyhow::Error>((at, outcome()?))).transpose()?,
            reason: json::text(&item["reason"]),
            volumes: ["extract", "process", "load"].into_iter().filter_map(volume).collect(),
        })
    }
}

fn moment(item: &Value, name: &str) -> json::Result<Option<Moment>> {
    json::optional(item, name, Moment::EXPECTED, |value| Moment::parse(value.as_str()?))
}
