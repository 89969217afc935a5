//! The run: the state that the host stores between calls.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use plugin_guest::contract::TaskError;
use plugin_guest::json::{self, Value, json};
use plugin_guest::run_format::{RunFormat, same};
use plugin_guest::sent::Sent;
use plugin_guest::timestamp::Timestamp;

use crate::connection::Traces;
use crate::moment::Moment;
use crate::parameters::ConnectionId;
use crate::seen::Seen;

/// A sync of a connection. The request that starts it returns no id: the sync is the first that began since, and is
/// told from earlier ones by their traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The connection that syncs.
    pub connection_id: ConnectionId,
    /// Its earliest start, by Fivetran's clock. None if it was already running, or Fivetran told no time.
    pub since: Option<Timestamp>,
    /// After a lost answer: when the trigger and the calls that settled it were sent, for the attribution of the sync.
    pub sent: Option<Sent>,
    /// The traces of earlier syncs.
    pub before: Traces,
    /// The signs of it so far.
    pub seen: Seen,
    /// True if the connection was not set up before: while it still is not, that says nothing about the sync.
    pub unready: bool,
    /// True if the sync was already running, so that it is unknown who started it.
    pub attached: bool,
}

/// The format of runs.
const FORMAT: RunFormat =
    RunFormat { writer: "fivetran-sync", writer_version: env!("CARGO_PKG_VERSION"), version: 3, most_bytes: 1024 };

impl Run {
    /// Encodes it for the host to store.
    pub fn encode(&self) -> String {
        let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
        let sent: Vec<_> = self.sent.iter().flat_map(Sent::moments).map(|sent| sent.to_string()).collect();
        FORMAT.encode(json!({
            "connection_id": self.connection_id.to_string(),
            "since": self.since.map(|since| since.to_string()),
            "sent": sent.first(),
            "settled": sent.get(1..),
            "succeeded_at": time(self.before.succeeded_at),
            "failed_at": time(self.before.failed_at),
            "rescheduled_for": time(self.before.rescheduled_for),
            "seen": Seen::NAMES.iter().find(|(_, seen)| *seen == self.seen).map(|(name, _)| name),
            "unready": self.unready,
            "attached": self.attached,
        }))
    }

    /// Decodes a stored run of this connection. The error says why it cannot be used.
    pub fn decode(text: &str, connection_id: &ConnectionId) -> Result<Self, TaskError> {
        let run = FORMAT.decode(text, Self::read)?;
        same("connection", &run.connection_id, connection_id)?;
        Ok(run)
    }

    /// The traces of syncs that ended, or were postponed, after the run was started.
    pub fn moved(&self, now: &Traces) -> Traces {
        let ended = |before: Option<Moment>, now: Option<Moment>| {
            now.filter(|at| Some(*at) > before && self.since.is_none_or(|since| at.second() >= since))
        };
        Traces {
            succeeded_at: ended(self.before.succeeded_at, now.succeeded_at),
            failed_at: ended(self.before.failed_at, now.failed_at),
            // It may be postponed to the same time again.
            rescheduled_for: now
                .rescheduled_for
                .filter(|at| self.seen != Seen::Nothing || Some(*at) > self.before.rescheduled_for),
        }
    }

    fn read(stored: &Value) -> json::Result<Self> {
        let moment = |name| json::optional(stored, name, Moment::EXPECTED, |value| Moment::parse(value.as_str()?));
        let all = |times: &Value| times.as_array()?.iter().map(|time| Timestamp::parse(time.as_str()?)).collect();
        // Runs of earlier versions have no list.
        let settled: Option<Vec<_>> = json::optional(stored, "settled", "a list of times", all)?;
        Ok(Self {
            connection_id: json::required(stored, "connection_id", "an id", |id| ConnectionId::parse(id.as_str()?))?,
            since: json::time(stored, "since")?,
            sent: json::time(stored, "sent")?.map(|sent| Sent::at(sent, settled.unwrap_or_default())),
            before: Traces {
                succeeded_at: moment("succeeded_at")?,
                failed_at: moment("failed_at")?,
                rescheduled_for: moment("rescheduled_for")?,
            },
            seen: json::required(stored, "seen", "what is seen of a sync", |seen| {
                Seen::NAMES.iter().find(|(name, _)| seen == name).map(|(_, seen)| *seen)
            })?,
            unready: json::optional(stored, "unready", "true or false", Value::as_bool)?.unwrap_or(false),
            attached: json::required(stored, "attached", "true or false", Value::as_bool)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use plugin_guest::ages;

    /// The run of a trigger that was settled many times, with the longest id.
    fn largest() -> Run {
        let time = Timestamp::parse("2026-01-05T12:00:00Z").expect("a time");
        let moment = Moment::parse("2026-01-05T12:00:00.123456789Z");
        Run {
            connection_id: ConnectionId::parse(&"x".repeat(64)).expect("an id"),
            since: Some(time),
            sent: Some(Sent::at(time, [time; ages::MOST - 1])),
            before: Traces { succeeded_at: moment, failed_at: moment, rescheduled_for: moment },
            seen: Seen::Stopped,
            unready: false,
            attached: false,
        }
    }

    #[test]
    fn the_largest_run_comes_back_as_it_went() {
        let run = largest();
        assert_eq!(Run::decode(&run.encode(), &run.connection_id).expect("a run"), run);
    }

    #[test]
    fn a_sync_that_was_not_seen_to_run_is_put_off_where_the_time_is_later_than_before() {
        let at = |time: &str| Moment::parse(&format!("2026-01-05T{time}Z"));
        for (before, now, has_moved) in [
            (None, "12:00:00", true),
            (at("12:00:00"), "11:00:00", false),
            (at("12:00:00"), "12:00:00", false),
            (at("12:00:00"), "12:00:00.5", true),
        ] {
            let run = Run {
                before: Traces { rescheduled_for: before, ..Traces::default() },
                seen: Seen::Nothing,
                ..largest()
            };
            let shown = Traces { rescheduled_for: at(now), ..Traces::default() };
            assert_eq!(run.moved(&shown).rescheduled_for.is_some(), has_moved, "{now}");
        }
    }

    #[test]
    fn a_run_of_before_settling_was_remembered_is_read() {
        let id = ConnectionId::parse("one").expect("an id");
        let time = "2026-01-05T12:00:00Z";
        let old = format!(
            r#"{{"format": "fivetran-sync/3", "connection_id": "one", "sent": "{time}", "seen": "nothing", "attached": true}}"#
        );
        let sent = Sent::at(Timestamp::parse(time).expect("a time"), []);
        assert_eq!(Run::decode(&old, &id).expect("a run").sent, Some(sent));
    }
}
