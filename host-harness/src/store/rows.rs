//! Reading records from rows.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Row;

use super::{Outcome, TaskState};
use crate::Uptime;
use crate::store::records::{Attempt, AttemptId, Intended, PipelineRun, PipelineRunId, TaskRun, TaskRunId, Transition};

pub(super) fn pipeline_run(row: &Row<'_>) -> rusqlite::Result<PipelineRun> {
    Ok(PipelineRun {
        id: PipelineRunId(row.get("id")?),
        name: row.get("name")?,
        file: row.get("file")?,
        definition: row.get("definition")?,
        started_at: time(row.get("started_at")?),
        ended_at: row.get::<_, Option<i64>>("ended_at")?.map(time),
        outcome: row.get::<_, Option<String>>("outcome")?.and_then(|text| Outcome::parse(&text)),
        tasks: Vec::new(),
    })
}

pub(super) fn task_run(row: &Row<'_>) -> rusqlite::Result<TaskRun> {
    let state: String = row.get("state")?;
    Ok(TaskRun {
        id: TaskRunId(row.get("id")?),
        name: row.get("name")?,
        tool: row.get("tool")?,
        plugin: row.get("plugin")?,
        plugin_sha256: row.get("plugin_sha256")?,
        // A state that is not understood is left to a person.
        state: TaskState::parse(&state).unwrap_or(TaskState::Ended(Outcome::Unknown)),
        message: row.get("message")?,
        retry_at: row.get::<_, Option<i64>>("retry_at")?.map(time),
        changed_at: time(row.get("changed_at")?),
        attempts: Vec::new(),
        transitions: Vec::new(),
    })
}

pub(super) fn transition(row: &Row<'_>) -> rusqlite::Result<Transition> {
    Ok(Transition { at: time(row.get("at")?), state: row.get("state")?, detail: row.get("detail")? })
}

pub(super) fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        id: AttemptId(row.get("id")?),
        number: row.get("number")?,
        intended_at: time(row.get("intended_at")?),
        uptime: uptime(row)?,
        settles: Vec::new(),
        run: row.get("run")?,
        next_poll_at: row.get::<_, Option<i64>>("next_poll_at")?.map(time),
        report: None,
        error: row.get::<_, Option<String>>("error")?.and_then(|text| serde_json::from_str(&text).ok()),
        outcome: row.get::<_, Option<String>>("outcome")?.and_then(|text| Outcome::parse(&text)),
    })
}

pub(super) fn intended(row: &Row<'_>) -> rusqlite::Result<Intended> {
    Ok(Intended { at: time(row.get("intended_at")?), uptime: uptime(row)? })
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX)
}

fn uptime(row: &Row<'_>) -> rusqlite::Result<Option<Uptime>> {
    let (boot, since) = (row.get::<_, Option<String>>("boot")?, row.get::<_, Option<i64>>("boot_ms")?);
    Ok(boot.zip(since).map(|(boot, since)| Uptime { boot, since: Duration::from_millis(since.unsigned_abs()) }))
}
