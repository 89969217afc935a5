//! What is remembered of a run from one call to the next.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};

use anyhow::Result;
use serde_json::{Value, json};

use crate::bindings::orchestrator::plugin::types::TaskError;
use crate::stitch::id::{ClientId, SourceId};
use crate::stitch::job_name::JobName;
use crate::stitch::json;
use crate::stitch::timestamp::Timestamp;
use crate::task_error::invalid_input;

/// A run, as it travels through the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The source that syncs.
    pub source_id: SourceId,
    /// Its account, once known.
    pub client_id: Option<ClientId>,
    /// The job, once known: a job that was running already is known by name when Stitch first lists it.
    pub job: Option<JobName>,
    /// Whether the job was running already.
    pub attached: bool,
    /// The moment of the trigger by Stitch's clock, where Stitch told it.
    pub since: Option<Timestamp>,
    /// Where it did not: when the job ended that was listed at the first poll.
    pub seen: Option<Timestamp>,
    /// The page of the list of extractions on which to look first.
    pub page: u32,
    /// How long the host was asked to wait in this stage, in milliseconds: no clock is read.
    pub waited_ms: u64,
    /// The extraction that succeeded, where its loads are waited for.
    pub extracted: Option<Extracted>,
}

/// An extraction that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended: what is loaded later counts.
    pub completed_at: Timestamp,
    /// Whether a stream had a load error without a time at the first look after it; none before that.
    pub had_errors: Option<bool>,
}

impl Run {
    /// The most bytes that a run takes.
    pub const MOST_BYTES: usize = 1024;

    const WRITER: &str = "stitch-sync";
    const VERSION: &str = "1";

    /// A run that was triggered just now.
    pub fn new(source_id: SourceId) -> Self {
        Self {
            source_id,
            client_id: None,
            job: None,
            attached: false,
            since: None,
            seen: None,
            page: 1,
            waited_ms: 0,
            extracted: None,
        }
    }

    /// Writes it for the host to store.
    pub fn encode(&self) -> String {
        let extracted = self.extracted.as_ref().map(|extracted| {
            json!({
                "started_at": extracted.started_at.map(Timestamp::seconds),
                "completed_at": extracted.completed_at.seconds(),
                "had_errors": extracted.had_errors,
            })
        });
        json!({
            "format": format!("{}/{}", Self::WRITER, Self::VERSION),
            "source_id": self.source_id.get(),
            "client_id": self.client_id.map(ClientId::get),
            "job": self.job.as_ref().map(ToString::to_string),
            "attached": self.attached,
            "since": self.since.map(Timestamp::seconds),
            "seen": self.seen.map(Timestamp::seconds),
            "page": self.page,
            "waited_ms": self.waited_ms,
            "extracted": extracted,
        })
        .to_string()
    }

    /// Reads what the host hands in for a source, or says why it is not to be used.
    pub fn decode(text: &str, source_id: SourceId) -> Result<Self, TaskError> {
        let foreign =
            || invalid_input("run", "was not written by this plugin: hand in what trigger or poll returned, unchanged");
        if text.len() > Self::MOST_BYTES {
            return Err(foreign());
        }
        let stored = json::parse(text.as_bytes()).map_err(|_| foreign())?;
        match stored["format"].as_str().and_then(|format| format.split_once('/')) {
            Some((Self::WRITER, Self::VERSION)) => {}
            Some((Self::WRITER, version)) if version.parse::<u64>().is_ok() => {
                let problem = format!(
                    "has format version {version}, and {} {} understands {}: poll it with the plugin that wrote it",
                    Self::WRITER,
                    env!("CARGO_PKG_VERSION"),
                    Self::VERSION,
                );
                return Err(invalid_input("run", problem));
            }
            _ => return Err(foreign()),
        }
        let run = Self::read(&stored).map_err(|problem| invalid_input("run", format!("is damaged: {problem}")))?;
        if run.source_id != source_id {
            let problem = format!(
                "is of source {}, not of source_id {source_id}: poll with the parameters of its trigger",
                run.source_id
            );
            return Err(invalid_input("run", problem));
        }
        Ok(run)
    }

    fn read(stored: &Value) -> Result<Self> {
        let seconds = |value: &Value| value.as_i64().map(Timestamp::from_seconds);
        let extracted = &stored["extracted"];
        Ok(Self {
            source_id: json::required(stored, "source_id", "an id", |id| SourceId::new(json::id(id)?))?,
            client_id: json::optional(stored, "client_id", "an id", |id| ClientId::new(json::id(id)?))?,
            job: json::optional(stored, "job", "the name of a job", |name| JobName::new(name.as_str()?.to_owned()))?,
            attached: json::required(stored, "attached", "true or false", Value::as_bool)?,
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
    use crate::bindings::orchestrator::plugin::types::ErrorKind;

    fn source(number: u64) -> SourceId {
        SourceId::new(number).expect("an id")
    }

    fn largest() -> Run {
        Run {
            source_id: source(u64::MAX),
            client_id: ClientId::new(u64::MAX),
            job: JobName::new("\"".repeat(JobName::MOST_BYTES)),
            attached: false,
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
        for run in [Run::new(source(5)), largest()] {
            assert_eq!(Run::decode(&run.encode(), run.source_id).expect("a run"), run);
        }
    }

    #[test]
    fn the_largest_run_is_small() {
        let bytes = largest().encode().len();
        assert!(bytes <= Run::MOST_BYTES, "{bytes} bytes");
    }

    #[test]
    fn what_another_wrote_is_refused() {
        let foreign = "run was not written by this plugin: hand in what trigger or poll returned, unchanged";
        for text in [
            "",
            "x",
            "{}",
            "[]",
            r#"{"format": 1}"#,
            r#"{"format": "airbyte-sync/1"}"#,
            r#"{"format": "stitch-sync/\n"}"#,
            &" ".repeat(1025),
        ] {
            assert_eq!(refused(text), foreign, "{text:?}");
        }
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        assert_eq!(
            refused(r#"{"format": "stitch-sync/2", "source_id": 5}"#),
            "run has format version 2, and stitch-sync 0.1.0 understands 1: poll it with the plugin that wrote it"
        );
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
