//! A run of a job: what the plugin remembers of it, what Acme answers about it, and the verdict.

use plugin_guest::anyhow::ensure;
use plugin_guest::contract::{Progress, Report, TaskError, Verdict};
use plugin_guest::json::{self, json, lenient};
use plugin_guest::report::{finished, integer, one_line, running};
use plugin_guest::run_format::{RunFormat, same};
use serde::Deserialize;

use crate::describe::{NAME, VERSION};

/// How long to wait between two polls, in milliseconds.
const POLL_AFTER_MS: u64 = 10_000;

/// The format of the text that the host stores of a run.
const FORMAT: RunFormat = RunFormat {
    writer: NAME,
    writer_version: VERSION,
    version: 1,
    most_bytes: 256,
};

/// A run as Acme shows it. An id may be a number or digits, and odd text in `reason` stops no verdict.
#[derive(Clone, Deserialize)]
pub struct Run {
    #[serde(deserialize_with = "lenient::id_field")]
    pub id: u64,
    state: State,
    #[serde(default, deserialize_with = "lenient::text_field")]
    reason: Option<String>,
}

/// Where a run stands. Any other state is not understood: what nobody documents is never a verdict.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Queued,
    Running,
    Succeeded,
    Failed,
    Stopped,
}

/// Serializes what a poll needs of a run: the numbers of the job and of the run.
pub fn encode(job: u64, run: u64) -> String {
    FORMAT.encode(json!({ "job": job, "run": run }))
}

/// Parses a run that the host hands in, and refuses one of another job.
pub fn decode(text: &str, job: u64) -> Result<u64, TaskError> {
    let field = |name| move |fields: &_| json::required(fields, name, "an id", json::id);
    let (of_job, run) = FORMAT.decode(text, |fields| {
        Ok((field("job")(fields)?, field("run")(fields)?))
    })?;
    same("job", &of_job, &job)?;
    Ok(run)
}

/// The progress of a run that has just been started.
pub fn started(job: u64, run: u64) -> Progress {
    goes_on(job, run, "has started")
}

/// The progress of a run that goes on.
pub fn goes_on(job: u64, run: u64, event: &str) -> Progress {
    running(encode(job, run), POLL_AFTER_MS, report(job, run, event))
}

impl Run {
    /// This run, if it is the one that was asked for: another's state says nothing of it.
    pub fn asked_for(self, id: u64) -> json::Result<Self> {
        ensure!(self.id == id, "id is {}, and {id} was asked for", self.id);
        Ok(self)
    }

    /// True if the run has not ended.
    pub fn goes_on(&self) -> bool {
        matches!(self.state, State::Queued | State::Running)
    }

    /// The progress of this run: the one place where `succeeded` is said.
    pub fn progress(self, job: u64) -> Progress {
        let run = self.id;
        match self.state {
            State::Queued => goes_on(job, run, "waits in the queue"),
            State::Running => goes_on(job, run, "is running"),
            State::Succeeded => finished(Verdict::Succeeded, report(job, run, "succeeded")),
            State::Stopped => finished(
                Verdict::Cancelled,
                report(job, run, "was stopped before its end"),
            ),
            State::Failed => {
                let reason = self
                    .reason
                    .as_deref()
                    .map_or_else(|| "no reason is given".to_owned(), one_line);
                finished(
                    Verdict::Failed,
                    report(job, run, &format!("failed: {reason}")),
                )
            }
        }
    }
}

/// The report on a run: a line for the engine's user, and numbers to file it under.
pub fn report(job: u64, run: u64, event: &str) -> Report {
    Report {
        message: format!("run {run} of job {job} {event}"),
        steps: Vec::new(),
        started_at: None,
        completed_at: None,
        metadata: vec![integer("job_id", job), integer("run_id", run)],
        links: Vec::new(),
    }
}
