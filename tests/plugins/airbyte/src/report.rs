//! Reports on runs.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::base_url::BaseUrl;
use plugin_guest::contract::{Link, Progress, Report, Verdict};
use plugin_guest::report::{boolean, duration, finished, integer, running, text};

use crate::connection::ConnectionId;
use crate::job::{Job, path};
use crate::run::Run;

/// The wait between two polls, in milliseconds. Airbyte documents no rate limit.
const POLL_AFTER_MS: u64 = 20_000;

/// The progress of a job. An `event` replaces its own words while it runs.
pub fn progress(base_url: &BaseUrl, run: &Run, job: &Job, event: Option<&str>) -> Progress {
    match job.status.verdict() {
        None => running(run.encode(), POLL_AFTER_MS, report(base_url, run, job, event.unwrap_or(job.status.event()))),
        Some(verdict) => {
            let mut report = report(base_url, run, job, job.status.event());
            report.completed_at = job.updated_at.map(|time| time.to_string());
            report.metadata.extend(duration(job.duration.as_deref(), job.started_at, job.updated_at));
            finished(verdict, report)
        }
    }
}

/// The end of a run of which no job is known.
pub fn without_job(connection_id: ConnectionId, verdict: Verdict, event: &str) -> Progress {
    let metadata = vec![text("connection_id", connection_id)];
    let message = format!("connection {connection_id}: {event}");
    let (started_at, completed_at) = (None, None);
    finished(verdict, Report { message, steps: Vec::new(), started_at, completed_at, metadata, links: Vec::new() })
}

fn report(base_url: &BaseUrl, run: &Run, job: &Job, event: &str) -> Report {
    let id = run.connection_id;
    let mut metadata =
        vec![text("connection_id", id), integer("job_id", job.id.0), text("job_status", job.status.word())];
    metadata.extend(job.bytes_synced.map(|bytes| integer("bytes_synced", bytes)));
    metadata.extend(job.rows_synced.map(|rows| integer("rows_synced", rows)));
    if run.attached {
        metadata.push(boolean("attached", true));
    }
    let label = "the job (Airbyte API, needs the access token)".to_owned();
    Report {
        message: format!("connection {id}: {event}"),
        steps: Vec::new(),
        started_at: job.started_at.map(|time| time.to_string()),
        completed_at: None,
        metadata,
        links: vec![Link { label, url: format!("{base_url}{}", path(job.id)) }],
    }
}
