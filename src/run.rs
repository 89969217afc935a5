//! The run: the state that the host stores between calls.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use anyhow::Result;
use serde_json::{Value, json};

use crate::stitch::id::{ClientId, SourceId};
use crate::stitch::job_name::JobName;
use crate::stitch::source::Source;
use plugin_guest::contract::TaskError;
use plugin_guest::json;
use plugin_guest::report::{one_line, shorten};
use plugin_guest::run_format::{RunFormat, same};
use plugin_guest::sent::Sent;
use plugin_guest::timestamp::Timestamp;

/// The format of runs.
pub const FORMAT: RunFormat =
    RunFormat { writer: "stitch-sync", writer_version: env!("CARGO_PKG_VERSION"), version: 1, most_bytes: 2048 };

/// The most characters of a source's name that are stored.
const MOST_NAME_CHARACTERS: usize = 100;

/// A run, as the host stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The source that syncs.
    pub source_id: SourceId,
    /// Its name, if Stitch was asked.
    pub source_name: Option<String>,
    /// Its account, once known.
    pub client_id: Option<ClientId>,
    /// The job, once known. The name of a job that was already running is known once Stitch lists it.
    pub job: Option<JobName>,
    /// True if the job was already running.
    pub attached: bool,
    /// True if the run waits for the next job that completes, whoever starts it: its trigger has started nothing.
    pub awaits_next: bool,
    /// After a lost answer: when the trigger and the calls that settled it were sent, for the attribution of the job.
    pub sent: Option<Sent>,
    /// The time of the trigger by Stitch's clock, if it told it.
    pub since: Option<Timestamp>,
    /// Otherwise: when the job ended that was listed at the first poll.
    pub seen: Option<Timestamp>,
    /// The page of the list of extractions to read first.
    pub page: u32,
    /// The waits requested in this stage, in milliseconds: a clock is not read.
    pub waited_ms: u64,
    /// The extraction that succeeded, while its loads are awaited.
    pub extracted: Option<Extracted>,
}

/// An extraction that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended: only later loads count.
    pub completed_at: Timestamp,
    /// True if the first poll after it showed a load error without a time. None before that.
    pub had_errors: Option<bool>,
}

impl Run {
    /// A run that was just triggered.
    pub fn new(source_id: SourceId) -> Self {
        Self {
            source_id,
            source_name: None,
            client_id: None,
            job: None,
            attached: false,
            awaits_next: false,
            sent: None,
            since: None,
            seen: None,
            page: 1,
            waited_ms: 0,
            extracted: None,
        }
    }

    /// Sets the source's name.
    pub fn named(&mut self, source: &Source) {
        let name = source.name.as_deref().map(|name| shorten(&one_line(name), MOST_NAME_CHARACTERS));
        self.source_name = name.filter(|name| !name.is_empty());
    }

    /// True if the job was already running and is not known to be the trigger's own: somebody else may have started it.
    /// After a lost answer this is known once Stitch lists the job.
    pub fn is_only_attached(&self) -> bool {
        self.attached && (self.sent.is_none() || self.job.is_none())
    }

    /// Encodes it for the host to store.
    pub fn encode(&self) -> String {
        let extracted = self.extracted.as_ref().map(|extracted| {
            json!({
                "started_at": extracted.started_at.map(Timestamp::seconds),
                "completed_at": extracted.completed_at.seconds(),
                "had_errors": extracted.had_errors,
            })
        });
        let sent: Vec<_> = self.sent.iter().flat_map(Sent::moments).map(Timestamp::seconds).collect();
        FORMAT.encode(json!({
            "source_id": self.source_id.get(),
            "source_name": self.source_name,
            "client_id": self.client_id.map(ClientId::get),
            "job": self.job.as_ref().map(ToString::to_string),
            "attached": self.attached,
            "awaits_next": self.awaits_next,
            "sent": sent.first(),
            "settled": sent.get(1..),
            "since": self.since.map(Timestamp::seconds),
            "seen": self.seen.map(Timestamp::seconds),
            "page": self.page,
            "waited_ms": self.waited_ms,
            "extracted": extracted,
        }))
    }

    /// Decodes a stored run of this source. The error says why it cannot be used.
    pub fn decode(text: &str, source_id: SourceId) -> Result<Self, TaskError> {
        let run = FORMAT.decode(text, Self::read)?;
        same("source", &run.source_id, &source_id)?;
        Ok(run)
    }

    fn read(stored: &Value) -> Result<Self> {
        let seconds = |value: &Value| value.as_i64().map(Timestamp::from_seconds);
        let all = |value: &Value| value.as_array()?.iter().map(seconds).collect::<Option<Vec<_>>>();
        // Runs of earlier versions have no list.
        let settled = json::optional(stored, "settled", "a list of times in seconds", all)?;
        let extracted = &stored["extracted"];
        Ok(Self {
            source_id: json::required(stored, "source_id", "an id", |id| SourceId::new(json::id(id)?))?,
            source_name: json::text(&stored["source_name"]),
            client_id: json::optional(stored, "client_id", "an id", |id| ClientId::new(json::id(id)?))?,
            job: json::optional(stored, "job", "the name of a job", |name| JobName::new(name.as_str()?.to_owned()))?,
            attached: json::required(stored, "attached", "true or false", Value::as_bool)?,
            awaits_next: json::optional(stored, "awaits_next", "true or false", Value::as_bool)?.unwrap_or_default(),
            sent: json::optional(stored, "sent", "a time in seconds", seconds)?
                .map(|sent| Sent::at(sent, settled.unwrap_or_default())),
            since: json::optional(stored, "since", "a time in seconds", seconds)?,
            seen: json::optional(stored, "seen", "a time in seconds", seconds)?,
            page: json::required(stored, "page", "a page", |page| u32::try_from(page.as_u64()?).ok())?,
            waited_ms: json::required(stored, "waited_ms", "a duration", Value::as_u64)?,
            extracted: match extracted {
                Value::Null => None,
                _ => Some(Extracted {
                    started_at: json::optional(extracted, "started_at", "a time in seconds", seconds)?,
                    completed_at: json::required(extracted, "completed_at", "a time in seconds", seconds)?,
                    had_errors: json::optional(extracted, "had_errors", "true or false", Value::as_bool)?,
                }),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::ages;
    use plugin_guest::contract::ErrorKind;

    fn source(number: u64) -> SourceId {
        SourceId::new(number).expect("an id")
    }

    fn largest() -> Run {
        Run {
            source_id: source(u64::MAX),
            source_name: Some("\u{1f600}".repeat(MOST_NAME_CHARACTERS)),
            client_id: ClientId::new(u64::MAX),
            job: JobName::new("\"".repeat(JobName::MOST_BYTES)),
            attached: false,
            awaits_next: false,
            sent: Some(Sent::at(
                Timestamp::from_seconds(i64::MIN),
                [Timestamp::from_seconds(i64::MIN); ages::MOST - 1],
            )),
            since: Some(Timestamp::from_seconds(i64::MIN)),
            seen: Some(Timestamp::from_seconds(i64::MIN)),
            page: u32::MAX,
            waited_ms: u64::MAX,
            extracted: Some(Extracted {
                started_at: Some(Timestamp::from_seconds(i64::MIN)),
                completed_at: Timestamp::from_seconds(i64::MIN),
                had_errors: Some(false),
            }),
        }
    }

    fn refused(text: &str) -> String {
        let error = Run::decode(text, source(5)).expect_err(text);
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        error.message
    }

    #[test]
    fn a_run_comes_back_as_it_went() {
        let waiting = Run { attached: true, awaits_next: true, ..Run::new(source(5)) };
        for run in [Run::new(source(5)), waiting, largest()] {
            assert_eq!(Run::decode(&run.encode(), run.source_id).expect("a run"), run);
        }
    }

    #[test]
    fn a_run_of_an_earlier_version_is_read() {
        let old =
            r#"{"format": "stitch-sync/1", "source_id": 5, "attached": true, "sent": 7, "page": 1, "waited_ms": 0}"#;
        let run = Run::decode(old, source(5)).expect("a run");
        assert_eq!((run.sent, run.awaits_next), (Some(Sent::at(Timestamp::from_seconds(7), [])), false));
    }

    #[test]
    fn the_largest_run_is_small() {
        let bytes = largest().encode().len();
        assert!(bytes <= FORMAT.most_bytes, "{bytes} bytes");
    }

    #[test]
    fn a_damaged_run_and_one_of_another_source_are_refused() {
        assert_eq!(refused(r#"{"format": "stitch-sync/1"}"#), "run is damaged: source_id is missing");
        assert_eq!(
            refused(&Run::new(source(6)).encode()),
            "run is of source 6, not of source_id 5: poll with the parameters of its trigger"
        );
    }
}
