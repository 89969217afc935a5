//! The store's database: its operations, each one transaction.

use std::cell::RefCell;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tracing::Span;

use super::{
    Asker, Head, Outcome, Pruned, RunLock, StoreError, TaskState, open, ownership, prune, queue, report, rows,
};
use crate::contract::Report;
use crate::store::budget::{self, Budget, Reservation, Reserved};
use crate::store::records::{AttemptEnd, AttemptError, AttemptId, NewTask, PipelineRun, PipelineRunId, TaskRunId};
use crate::{Uptime, spans};

/// The fencing epoch of a run's first process.
const FIRST_EPOCH: i64 = 1;

/// An open store.
///
/// It writes one run of a pipeline: the one that it has begun, or taken over by [`lock`](Self::lock). Each of those
/// writes checks the run's fencing epoch, so a process from which another has taken the run over can write nothing.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    hold: Option<Hold>,
}

/// The run that a store writes, and the fencing epoch at which it was taken.
#[derive(Clone, Copy, Debug)]
struct Hold {
    run: PipelineRunId,
    epoch: i64,
}

/// A change to the run that is held, before it is committed.
struct Change<'c> {
    transaction: &'c Transaction<'c>,
    run: PipelineRunId,
    /// The spans of its transitions, which end once it is on the disk.
    transitions: &'c RefCell<Vec<Span>>,
}

impl<'c> Deref for Change<'c> {
    type Target = Transaction<'c>;

    fn deref(&self) -> &Transaction<'c> {
        self.transaction
    }
}

impl Store {
    /// Opens a store: creates a missing one, migrates an old one, and proves that it can be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: open::to_write(path)?, path: path.to_owned(), hold: None })
    }

    /// Opens an existing store to read it. An old one is migrated first.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: open::to_read(path)?, path: path.to_owned(), hold: None })
    }

    /// The user id of the store's owner, if another user than this process's. Only root may use such a store; its owner
    /// may have written what is about to be run.
    pub fn other_owner(&self) -> Option<u32> {
        ownership::other_owner(&self.path)
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
                "INSERT INTO pipeline_runs (id, name, file, definition, started_at, epoch) \
                 SELECT 1 + max(last_run, coalesce((SELECT max(id) FROM pipeline_runs), 0)), ?1, ?2, ?3, ?4, ?5 FROM pruned",
                params![name, file, definition, at, FIRST_EPOCH],
            )
            .map_err(failed)?;
        let id = PipelineRunId(change.last_insert_rowid());
        for task in tasks {
            change
                .execute(
                    "INSERT INTO task_runs (pipeline_run, name, tool, plugin, plugin_sha256, state, changed_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6)",
                    params![id.0, task.name, task.tool, task.plugin, task.plugin_sha256, at],
                )
                .map_err(failed)?;
        }
        // Taken before any other process can see the run.
        let lock = RunLock::take(&path, id)?;
        change.commit().map_err(failed)?;
        self.hold = Some(Hold { run: id, epoch: FIRST_EPOCH });
        Ok((id, lock))
    }

    /// Takes a run over: its lock, and the next fencing epoch. The process that held it before can write nothing more
    /// of it, even if the lock did not keep the two apart.
    pub fn lock(&mut self, id: PipelineRunId) -> Result<RunLock, StoreError> {
        let lock = RunLock::take(&self.path, id)?;
        let next = "UPDATE pipeline_runs SET epoch = epoch + 1 WHERE id = ?1 RETURNING epoch";
        let epoch = self.change(|change| change.query_row(next, [id.0], |row| row.get(0)).optional())?;
        self.hold = Some(Hold { run: id, epoch: epoch.ok_or(StoreError::NoSuchRun { id })? });
        Ok(lock)
    }

    /// The runs that have not ended, oldest first.
    pub fn unfinished(&self) -> Result<Vec<PipelineRunId>, StoreError> {
        self.ids("SELECT id FROM pipeline_runs WHERE ended_at IS NULL ORDER BY id")
    }

    /// All runs, latest first.
    pub fn all(&self) -> Result<Vec<PipelineRunId>, StoreError> {
        self.ids("SELECT id FROM pipeline_runs ORDER BY id DESC")
    }

    /// Reads a run, with all its records.
    pub fn pipeline_run(&self, id: PipelineRunId) -> Result<PipelineRun, StoreError> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let mut run = self
            .connection
            .query_row("SELECT * FROM pipeline_runs WHERE id = ?1", [id.0], rows::pipeline_run)
            .optional()
            .map_err(failed)?
            .ok_or(StoreError::NoSuchRun { id })?;
        let mut tasks =
            self.connection.prepare("SELECT * FROM task_runs WHERE pipeline_run = ?1 ORDER BY id").map_err(failed)?;
        run.tasks = tasks.query_map([id.0], rows::task_run).and_then(Iterator::collect).map_err(failed)?;
        for task in &mut run.tasks {
            let mut attempts = self
                .connection
                .prepare("SELECT * FROM attempts WHERE task_run = ?1 ORDER BY number")
                .map_err(failed)?;
            task.attempts =
                attempts.query_map([task.id.0], rows::attempt).and_then(Iterator::collect).map_err(failed)?;
            for attempt in &mut task.attempts {
                let mut settles = self
                    .connection
                    .prepare("SELECT * FROM settles WHERE attempt = ?1 ORDER BY number")
                    .map_err(failed)?;
                attempt.settles =
                    settles.query_map([attempt.id.0], rows::intended).and_then(Iterator::collect).map_err(failed)?;
                attempt.report = report::read(&self.connection, attempt.id).map_err(failed)?;
            }
            let mut transitions =
                self.connection.prepare("SELECT * FROM transitions WHERE task_run = ?1 ORDER BY id").map_err(failed)?;
            task.transitions =
                transitions.query_map([task.id.0], rows::transition).and_then(Iterator::collect).map_err(failed)?;
        }
        Ok(run)
    }

    /// The key that accounts' secrets are hashed with before they are written: random, made with the store.
    pub fn account_key(&self) -> Result<[u8; 32], StoreError> {
        self.connection
            .query_row("SELECT account_key FROM secrets", [], |row| row.get(0))
            .map_err(|error| self.failed(&error))
    }

    /// Records the intent to send a trigger: of attempt `number`, the first being 1. Refused if the store has another
    /// number of attempts before it.
    pub fn intend(
        &mut self,
        task: TaskRunId,
        number: u32,
        at: Timestamp,
        uptime: Option<&Uptime>,
    ) -> Result<AttemptId, StoreError> {
        let attempt = self.change_held(|change| {
            let inserted = change.execute(
                "INSERT INTO attempts (task_run, number, intended_at, boot, boot_ms) \
                 SELECT ?1, ?2, ?3, ?4, ?5 WHERE 1 + (SELECT count(*) FROM attempts WHERE task_run = ?1) = ?2",
                params![task.0, number, at.as_millisecond(), uptime.map(|uptime| &uptime.boot), uptime.map(since_ms)],
            )?;
            if inserted == 0 {
                return Ok(None);
            }
            let attempt = AttemptId(change.last_insert_rowid());
            enter(change, task, TaskState::Intended, None, None, at)?;
            Ok(Some(attempt))
        })?;
        attempt.ok_or(StoreError::TakenOver)
    }

    /// Records the intent to settle the trigger of an attempt: the `number`th such call that may start a run, from 1.
    /// Refused if the store has another number of them before it.
    pub fn intend_to_settle(
        &mut self,
        attempt: AttemptId,
        number: u32,
        at: Timestamp,
        uptime: Option<&Uptime>,
    ) -> Result<(), StoreError> {
        let inserted = self.change_held(|change| {
            let inserted = change.execute(
                "INSERT INTO settles (attempt, number, intended_at, boot, boot_ms) \
                 SELECT ?1, ?2, ?3, ?4, ?5 WHERE 1 + (SELECT count(*) FROM settles WHERE attempt = ?1) = ?2",
                params![attempt.0, number, at.as_millisecond(), uptime.map(|of| &of.boot), uptime.map(since_ms)],
            )?;
            if inserted == 0 {
                return Ok(None);
            }
            let changed = "UPDATE task_runs SET changed_at = ?2 WHERE id = ?1";
            change.execute(changed, params![task_of(change, attempt)?.0, at.as_millisecond()]).map(Some)
        })?;
        inserted.map(drop).ok_or(StoreError::TakenOver)
    }

    /// Records that the last call to settle an attempt's trigger started nothing: it no longer counts.
    pub fn settle_started_nothing(&mut self, attempt: AttemptId, number: u32) -> Result<(), StoreError> {
        let delete = "DELETE FROM settles WHERE attempt = ?1 AND number = ?2";
        self.change_held(|change| change.execute(delete, params![attempt.0, number]).map(drop))
    }

    /// Records that a run goes on, with the text to poll next.
    pub fn running(
        &mut self,
        attempt: AttemptId,
        run: &str,
        report: &Report,
        next_poll_at: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_held(|change| {
            change.execute(
                "UPDATE attempts SET run = ?2, next_poll_at = ?3, error = NULL WHERE id = ?1",
                params![attempt.0, run, next_poll_at.as_millisecond()],
            )?;
            report::keep(change, attempt, report)?;
            enter(change, task_of(change, attempt)?, TaskState::Running, Some(&report.message), None, at)
        })
    }

    /// Records that a trigger failed and may have started a run.
    pub fn unsettled(&mut self, attempt: AttemptId, error: &AttemptError, at: Timestamp) -> Result<(), StoreError> {
        self.change_held(|change| {
            keep_error(change, attempt, None, Some(error))?;
            enter(change, task_of(change, attempt)?, TaskState::Unsettled, Some(&error.message), None, at)
        })
    }

    /// Records that an attempt has ended, and that another is `due`.
    pub fn retry_at(
        &mut self,
        attempt: AttemptId,
        end: &AttemptEnd,
        due: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.end(attempt, end, TaskState::Retrying, Some(due), at)
    }

    /// Records that an attempt has ended, and its task with it.
    pub fn attempt_ended(&mut self, attempt: AttemptId, end: &AttemptEnd, at: Timestamp) -> Result<(), StoreError> {
        self.end(attempt, end, TaskState::Ended(end.outcome), None, at)
    }

    /// Records that a task has ended between two attempts, or before its first.
    pub fn task_ended(
        &mut self,
        task: TaskRunId,
        outcome: Outcome,
        message: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_held(|change| enter(change, task, TaskState::Ended(outcome), Some(message), None, at))
    }

    /// Records that a pipeline run has ended.
    pub fn pipeline_ended(&mut self, id: PipelineRunId, outcome: Outcome, at: Timestamp) -> Result<(), StoreError> {
        self.change_held(|change| end_pipeline(change, id, outcome, at))
    }

    /// Abandons a run: nobody watches its tasks' runs any more, and nothing more is started. The caller holds its lock.
    pub fn abandon(&mut self, id: PipelineRunId, at: Timestamp) -> Result<(), StoreError> {
        let run = self.pipeline_run(id)?;
        self.change_held(|change| {
            for task in &run.tasks {
                let (outcome, message) = match task.state {
                    TaskState::Ended(_) => continue,
                    TaskState::Waiting => (Outcome::NotRun, "the run was abandoned before it began"),
                    TaskState::Retrying => (Outcome::Interrupted, "the run was abandoned before another attempt"),
                    TaskState::Intended | TaskState::Unsettled | TaskState::Running => {
                        (Outcome::Unknown, "the run was abandoned, and nobody looked how it ended")
                    }
                };
                if let (Outcome::Unknown, Some(attempt)) = (outcome, task.attempts.last()) {
                    keep_error(change, attempt.id, Some(outcome), attempt.error.as_ref())?;
                }
                enter(change, task.id, TaskState::Ended(outcome), Some(message), None, at)?;
            }
            end_pipeline(change, id, Outcome::Interrupted, at)
        })
    }

    /// Prunes the runs that ended before a time, with all their records; a rehearsal only lists them. A run stays if
    /// one of its tasks has not ended, or if another process holds it.
    pub fn prune(&mut self, before: Timestamp, rehearse: bool) -> Result<Pruned, StoreError> {
        prune::prune(&mut self.connection, &self.path, before, rehearse)
    }

    /// Reserves requests of an account, first come, first served. A request that has to wait gets a ticket.
    pub fn reserve(
        &mut self,
        account: &str,
        asker: Asker,
        requests: u32,
        budget: Budget,
        at: Timestamp,
        uptime: Option<&Uptime>,
    ) -> Result<Reserved, StoreError> {
        let Asker { owner, has_ticket } = asker;
        self.change(|change| {
            if let Some((head, ahead)) = queue::before(change, account, owner)? {
                queue::stay(change, account, owner)?;
                return Ok(Reserved::Behind { head, ahead });
            }
            match budget::reserve(change, account, requests, budget, at.as_millisecond(), uptime)? {
                Ok(id) => {
                    if has_ticket {
                        queue::hand_in(change, account, owner)?;
                    }
                    Ok(Reserved::Now(Reservation(id)))
                }
                Err(then) => {
                    queue::stay(change, account, owner)?;
                    queue::beat(change, account, owner)?;
                    Ok(Reserved::WaitUntil(Timestamp::from_millisecond(then).unwrap_or(Timestamp::MAX)))
                }
            }
        })
    }

    /// Takes a ticket for a waiting request, at the end of the account's queue.
    pub fn queue(&mut self, account: &str, owner: i64) -> Result<(), StoreError> {
        self.change(|change| queue::enter(change, account, owner))
    }

    /// Gives up the ticket of a request that no longer waits.
    pub fn leave_queue(&mut self, account: &str, owner: i64) -> Result<(), StoreError> {
        self.change(|change| queue::leave(change, account, owner))
    }

    /// Takes all tickets from the first process of a queue, unless it has shown since that it is alive.
    pub fn pass_over(&mut self, account: &str, head: Head) -> Result<(), StoreError> {
        self.change(|change| queue::pass_over(change, account, head))
    }

    /// Replaces a reservation by the number of requests made.
    pub fn release(
        &mut self,
        reservation: Reservation,
        spent: u32,
        at: Timestamp,
        uptime: Option<&Uptime>,
    ) -> Result<(), StoreError> {
        self.change(|change| budget::release(change, reservation.0, spent, at.as_millisecond(), uptime))
    }

    /// Counts requests that were not reserved.
    pub fn spend(
        &mut self,
        account: &str,
        requests: u32,
        at: Timestamp,
        uptime: Option<&Uptime>,
    ) -> Result<(), StoreError> {
        self.change(|change| budget::spend(change, account, requests, at.as_millisecond(), uptime))
    }

    /// The result of a counting query.
    #[cfg(test)]
    pub(crate) fn counted(&self, query: &str) -> i64 {
        self.connection.query_row(query, [], |row| row.get(0)).unwrap_or(-1)
    }

    /// Limits the store to its present size, as a full disk does.
    #[cfg(test)]
    pub(super) fn limit_pages(&self) {
        let pages =
            self.connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0)).unwrap_or_default();
        _ = self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
    }

    fn end(
        &mut self,
        attempt: AttemptId,
        end: &AttemptEnd,
        state: TaskState,
        due: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change_held(|change| {
            keep_error(change, attempt, Some(end.outcome), end.error.as_ref())?;
            if let Some(report) = &end.report {
                report::keep(change, attempt, report)?;
            }
            enter(change, task_of(change, attempt)?, state, Some(&end.message), due, at)
        })
    }

    /// Makes one change to the held run in a transaction. Refused once another process has taken the run over.
    fn change_held<T>(&mut self, change: impl FnOnce(&Change<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let transitions = RefCell::default();
        let Hold { run, epoch } = self.hold.ok_or(StoreError::TakenOver)?;
        let current = "SELECT epoch FROM pipeline_runs WHERE id = ?1";
        let changed = self.change(|transaction| {
            let current: i64 = transaction.query_row(current, [run.0], |row| row.get(0))?;
            let held = Change { transaction, run, transitions: &transitions };
            if current == epoch { change(&held).map(Some) } else { Ok(None) }
        });
        if changed.is_err() {
            transitions.borrow().iter().for_each(|transition| spans::failed(transition, "not_written"));
        }
        changed?.ok_or(StoreError::TakenOver)
    }

    /// Makes one change in a transaction.
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

fn since_ms(uptime: &Uptime) -> i64 {
    i64::try_from(uptime.since.as_millis()).unwrap_or(i64::MAX)
}

fn task_of(change: &Transaction<'_>, attempt: AttemptId) -> rusqlite::Result<TaskRunId> {
    change.query_row("SELECT task_run FROM attempts WHERE id = ?1", [attempt.0], |row| row.get(0).map(TaskRunId))
}

fn end_pipeline(change: &Transaction<'_>, id: PipelineRunId, outcome: Outcome, at: Timestamp) -> rusqlite::Result<()> {
    let update = "UPDATE pipeline_runs SET ended_at = ?2, outcome = ?3 WHERE id = ?1 AND ended_at IS NULL";
    change.execute(update, params![id.0, at.as_millisecond(), outcome.as_str()]).map(drop)
}

fn keep_error(
    change: &Transaction<'_>,
    attempt: AttemptId,
    outcome: Option<Outcome>,
    error: Option<&AttemptError>,
) -> rusqlite::Result<()> {
    let error = error.and_then(|error| serde_json::to_string(error).ok());
    change
        .execute(
            "UPDATE attempts SET outcome = ?2, error = ?3 WHERE id = ?1",
            params![attempt.0, outcome.map(Outcome::as_str), error],
        )
        .map(drop)
}

/// Sets a task's state, and records the transition.
fn enter(
    change: &Change<'_>,
    task: TaskRunId,
    state: TaskState,
    message: Option<&str>,
    retry_at: Option<Timestamp>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let at = at.as_millisecond();
    let last = "SELECT state, (SELECT count(*) FROM attempts WHERE task_run = ?1) FROM task_runs WHERE id = ?1";
    let (last, attempts): (String, i64) = change.query_row(last, [task.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    change.execute(
        "UPDATE task_runs SET state = ?2, message = ?3, retry_at = ?4, changed_at = ?5 WHERE id = ?1",
        params![task.0, state.as_str(), message, retry_at.map(Timestamp::as_millisecond), at],
    )?;
    if last != state.as_str() {
        let transition = spans::transition(change.run.0, task.0, attempts, &last, state.as_str());
        change.transitions.borrow_mut().push(transition);
        change.execute(
            "INSERT INTO transitions (task_run, at, state, detail) VALUES (?1, ?2, ?3, ?4)",
            params![task.0, at, state.as_str(), message],
        )?;
    }
    Ok(())
}
