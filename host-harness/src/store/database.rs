//! The database.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::kept::{
    Attempt, AttemptError, AttemptId, NewTask, PipelineRun, PipelineRunId, TaskRun, TaskRunId, Transition,
};
use super::spending::{self, Budget, Reservation, Reserved};
use super::{Outcome, RunLock, StoreError, TaskState, report};
use crate::contract::Report;

/// What makes a store of each version out of one of the version before, the first out of an empty file.
const MIGRATIONS: [&str; 2] = [include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// What a database of `SQLite` says that it is, where it is ours: `hhrn`.
const APPLICATION_ID: i64 = 0x6868_726e;

/// How long another process may take for its change.
const BUSY: Duration = Duration::from_secs(5);

/// A store that is open.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens a store, makes it if there is none, and brings an old one up to date. Proves that it can be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |error: rusqlite::Error| StoreError::of(path, &error);
        let mut connection = Connection::open(path).map_err(failed)?;
        let version = version(&connection, path)?;
        prepare(&connection).map_err(failed)?;
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Another process may have done it meanwhile.
        let version = version.max(pragma(&change, "user_version").map_err(failed)?);
        for migration in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or_default()) {
            change.execute_batch(migration).map_err(failed)?;
        }
        change.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
        change.pragma_update(None, "user_version", known()).map_err(failed)?;
        change
            .execute("INSERT INTO secrets SELECT randomblob(32) WHERE NOT EXISTS (SELECT 1 FROM secrets)", [])
            .map_err(failed)?;
        change.commit().map_err(failed)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Opens a store that is there already, to read it. An old one is brought up to date first.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|error| StoreError::Unusable { path: path.to_owned(), reason: error.to_string() })?;
        match version(&connection, path)? {
            0 => return Err(StoreError::NotOurs { path: path.to_owned() }),
            found if found < known() => drop(Self::open(path)?),
            _ => {}
        }
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Begins a run of a pipeline, and takes its lock.
    pub fn begin(
        &mut self,
        name: &str,
        file: &str,
        definition: &str,
        tasks: &[NewTask],
        at: Timestamp,
    ) -> Result<(PipelineRunId, RunLock), StoreError> {
        let path = self.path.clone();
        let failed = |error: rusqlite::Error| StoreError::of(&path, &error);
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let unfinished = change
            .query_row("SELECT id FROM pipeline_runs WHERE name = ?1 AND ended_at IS NULL", [name], |row| row.get(0))
            .optional();
        if let Some(id) = unfinished.map_err(failed)? {
            return Err(StoreError::Unfinished { name: name.to_owned(), id: PipelineRunId(id) });
        }
        let at = at.as_millisecond();
        change
            .execute(
                "INSERT INTO pipeline_runs (name, file, definition, started_at) VALUES (?1, ?2, ?3, ?4)",
                params![name, file, definition, at],
            )
            .map_err(failed)?;
        let id = PipelineRunId(change.last_insert_rowid());
        for task in tasks {
            change
                .execute(
                    "INSERT INTO task_runs (pipeline_run, name, tool, plugin, state, changed_at) \
                     VALUES (?1, ?2, ?3, ?4, 'waiting', ?5)",
                    params![id.0, task.name, task.tool, task.plugin, at],
                )
                .map_err(failed)?;
        }
        // Before anybody can see the run.
        let lock = RunLock::take(&path, id)?;
        change.commit().map_err(failed)?;
        Ok((id, lock))
    }

    /// Takes the lock of a run.
    pub fn lock(&self, id: PipelineRunId) -> Result<RunLock, StoreError> {
        RunLock::take(&self.path, id)
    }

    /// The runs that have not ended, the oldest first.
    pub fn unfinished(&self) -> Result<Vec<PipelineRunId>, StoreError> {
        self.ids("SELECT id FROM pipeline_runs WHERE ended_at IS NULL ORDER BY id")
    }

    /// All runs, the latest first.
    pub fn all(&self) -> Result<Vec<PipelineRunId>, StoreError> {
        self.ids("SELECT id FROM pipeline_runs ORDER BY id DESC")
    }

    /// All that is kept of a run.
    pub fn pipeline_run(&self, id: PipelineRunId) -> Result<PipelineRun, StoreError> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let mut run = self
            .connection
            .query_row("SELECT * FROM pipeline_runs WHERE id = ?1", [id.0], pipeline_run)
            .optional()
            .map_err(failed)?
            .ok_or(StoreError::NoSuchRun { id })?;
        let mut tasks =
            self.connection.prepare("SELECT * FROM task_runs WHERE pipeline_run = ?1 ORDER BY id").map_err(failed)?;
        run.tasks = tasks.query_map([id.0], task_run).and_then(Iterator::collect).map_err(failed)?;
        for task in &mut run.tasks {
            let mut attempts = self
                .connection
                .prepare("SELECT * FROM attempts WHERE task_run = ?1 ORDER BY number")
                .map_err(failed)?;
            task.attempts = attempts.query_map([task.id.0], attempt).and_then(Iterator::collect).map_err(failed)?;
            for attempt in &mut task.attempts {
                attempt.report = report::read(&self.connection, attempt.id).map_err(failed)?;
            }
            let mut transitions =
                self.connection.prepare("SELECT * FROM transitions WHERE task_run = ?1 ORDER BY id").map_err(failed)?;
            task.transitions =
                transitions.query_map([task.id.0], transition).and_then(Iterator::collect).map_err(failed)?;
        }
        Ok(run)
    }

    /// What the secrets of accounts are mixed with before they are written: random, made with the store.
    pub fn account_key(&self) -> Result<[u8; 32], StoreError> {
        self.connection
            .query_row("SELECT account_key FROM secrets", [], |row| row.get(0))
            .map_err(|error| self.failed(&error))
    }

    /// A trigger is about to be sent.
    pub fn intend(&mut self, task: TaskRunId, at: Timestamp) -> Result<AttemptId, StoreError> {
        self.change(|change| {
            change.execute(
                "INSERT INTO attempts (task_run, number, intended_at) \
                 SELECT ?1, 1 + count(*), ?2 FROM attempts WHERE task_run = ?1",
                params![task.0, at.as_millisecond()],
            )?;
            let attempt = AttemptId(change.last_insert_rowid());
            enter(change, task, TaskState::Intended, None, None, at)?;
            Ok(attempt)
        })
    }

    /// A run goes on, and is polled with this next.
    pub fn running(
        &mut self,
        attempt: AttemptId,
        run: &str,
        report: &Report,
        next_poll_at: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(|change| {
            change.execute(
                "UPDATE attempts SET run = ?2, next_poll_at = ?3, error = NULL WHERE id = ?1",
                params![attempt.0, run, next_poll_at.as_millisecond()],
            )?;
            report::keep(change, attempt, report)?;
            enter(change, task_of(change, attempt)?, TaskState::Running, Some(&report.message), None, at)
        })
    }

    /// A trigger failed so that nobody knows whether it started a run.
    pub fn unsettled(&mut self, attempt: AttemptId, error: &AttemptError, at: Timestamp) -> Result<(), StoreError> {
        self.change(|change| {
            keep_end(change, attempt, None, None, Some(error))?;
            enter(change, task_of(change, attempt)?, TaskState::Unsettled, Some(&error.message), None, at)
        })
    }

    /// An attempt has ended, and another follows when it is `due`.
    #[expect(clippy::too_many_arguments, reason = "one change")]
    pub fn retry_at(
        &mut self,
        attempt: AttemptId,
        outcome: Outcome,
        message: &str,
        report: Option<&Report>,
        error: Option<&AttemptError>,
        due: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(|change| {
            keep_end(change, attempt, Some(outcome), report, error)?;
            enter(change, task_of(change, attempt)?, TaskState::Retrying, Some(message), Some(due), at)
        })
    }

    /// An attempt has ended, and its task with it.
    pub fn attempt_ended(
        &mut self,
        attempt: AttemptId,
        outcome: Outcome,
        message: &str,
        report: Option<&Report>,
        error: Option<&AttemptError>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(|change| {
            keep_end(change, attempt, Some(outcome), report, error)?;
            enter(change, task_of(change, attempt)?, TaskState::Ended(outcome), Some(message), None, at)
        })
    }

    /// A task has ended between two attempts, or before its first.
    pub fn task_ended(
        &mut self,
        task: TaskRunId,
        outcome: Outcome,
        message: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(|change| enter(change, task, TaskState::Ended(outcome), Some(message), None, at))
    }

    /// A run of a pipeline has ended.
    pub fn pipeline_ended(&mut self, id: PipelineRunId, outcome: Outcome, at: Timestamp) -> Result<(), StoreError> {
        self.change(|change| {
            change
                .execute(
                    "UPDATE pipeline_runs SET ended_at = ?2, outcome = ?3 WHERE id = ?1",
                    params![id.0, at.as_millisecond(), outcome.as_str()],
                )
                .map(drop)
        })
    }

    /// Reserves requests of an account.
    pub fn reserve(
        &mut self,
        account: &str,
        requests: u32,
        budget: Budget,
        at: Timestamp,
    ) -> Result<Reserved, StoreError> {
        let reserved =
            self.change(|change| spending::reserve(change, account, requests, budget, at.as_millisecond()))?;
        Ok(match reserved {
            Ok(id) => Reserved::Now(Reservation(id)),
            Err(then) => Reserved::WaitUntil(Timestamp::from_millisecond(then).unwrap_or(Timestamp::MAX)),
        })
    }

    /// Says how many requests of a reservation were made.
    pub fn release(&mut self, reservation: Reservation, spent: u32, at: Timestamp) -> Result<(), StoreError> {
        self.change(|change| spending::release(change, reservation.0, spent, at.as_millisecond()))
    }

    /// Counts requests that were not reserved.
    pub fn spend(&mut self, account: &str, requests: u32, at: Timestamp) -> Result<(), StoreError> {
        self.change(|change| spending::spend(change, account, requests, at.as_millisecond()))
    }

    /// Lets the store grow no more: as on a disk that is full.
    #[cfg(test)]
    pub(super) fn limit_pages(&self) {
        let pages = pragma(&self.connection, "page_count").unwrap_or_default();
        _ = self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
    }

    /// Makes one change, whole or not at all.
    fn change<T>(&mut self, change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let path = &self.path;
        let make = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let changed = change(&transaction)?;
            transaction.commit()?;
            Ok(changed)
        };
        make().map_err(|error| StoreError::of(path, &error))
    }

    fn ids(&self, query: &str) -> Result<Vec<PipelineRunId>, StoreError> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let mut query = self.connection.prepare(query).map_err(failed)?;
        query.query_map([], |row| row.get(0).map(PipelineRunId)).and_then(Iterator::collect).map_err(failed)
    }

    fn failed(&self, error: &rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, error)
    }
}

/// The version of the store; 0 of an empty file. An error where it is not to be touched.
fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let application = pragma(connection, "application_id").map_err(failed)?;
    let found = pragma(connection, "user_version").map_err(failed)?;
    let known = known();
    match (application, tables) {
        (APPLICATION_ID, _) if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        (APPLICATION_ID, _) | (0, 0) => Ok(found),
        _ => Err(StoreError::NotOurs { path: path.to_owned() }),
    }
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// What is committed is on the disk, and readers hold no writer up.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

fn task_of(change: &Transaction<'_>, attempt: AttemptId) -> rusqlite::Result<TaskRunId> {
    change.query_row("SELECT task_run FROM attempts WHERE id = ?1", [attempt.0], |row| row.get(0).map(TaskRunId))
}

/// What there is to keep of the end of an attempt, or of a failure in it.
fn keep_end(
    change: &Transaction<'_>,
    attempt: AttemptId,
    outcome: Option<Outcome>,
    report: Option<&Report>,
    error: Option<&AttemptError>,
) -> rusqlite::Result<()> {
    let error = error.and_then(|error| serde_json::to_string(error).ok());
    change.execute(
        "UPDATE attempts SET outcome = ?2, error = ?3 WHERE id = ?1",
        params![attempt.0, outcome.map(Outcome::as_str), error],
    )?;
    report.map_or(Ok(()), |report| report::keep(change, attempt, report))
}

/// A task is in this state from now on.
fn enter(
    change: &Transaction<'_>,
    task: TaskRunId,
    state: TaskState,
    message: Option<&str>,
    retry_at: Option<Timestamp>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let at = at.as_millisecond();
    change.execute(
        "UPDATE task_runs SET state = ?2, message = ?3, retry_at = ?4, changed_at = ?5 WHERE id = ?1",
        params![task.0, state.as_str(), message, retry_at.map(Timestamp::as_millisecond), at],
    )?;
    change
        .execute(
            "INSERT INTO transitions (task_run, at, state, detail) VALUES (?1, ?2, ?3, ?4)",
            params![task.0, at, state.as_str(), message],
        )
        .map(drop)
}

fn pipeline_run(row: &Row<'_>) -> rusqlite::Result<PipelineRun> {
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

fn task_run(row: &Row<'_>) -> rusqlite::Result<TaskRun> {
    let state: String = row.get("state")?;
    Ok(TaskRun {
        id: TaskRunId(row.get("id")?),
        name: row.get("name")?,
        tool: row.get("tool")?,
        plugin: row.get("plugin")?,
        // What is not understood is for a person.
        state: TaskState::parse(&state).unwrap_or(TaskState::Ended(Outcome::Unknown)),
        message: row.get("message")?,
        retry_at: row.get::<_, Option<i64>>("retry_at")?.map(time),
        changed_at: time(row.get("changed_at")?),
        attempts: Vec::new(),
        transitions: Vec::new(),
    })
}

fn transition(row: &Row<'_>) -> rusqlite::Result<Transition> {
    Ok(Transition { at: time(row.get("at")?), state: row.get("state")?, detail: row.get("detail")? })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        id: AttemptId(row.get("id")?),
        number: row.get("number")?,
        intended_at: time(row.get("intended_at")?),
        run: row.get("run")?,
        next_poll_at: row.get::<_, Option<i64>>("next_poll_at")?.map(time),
        report: None,
        error: row.get::<_, Option<String>>("error")?.and_then(|text| serde_json::from_str(&text).ok()),
        outcome: row.get::<_, Option<String>>("outcome")?.and_then(|text| Outcome::parse(&text)),
    })
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX)
}
