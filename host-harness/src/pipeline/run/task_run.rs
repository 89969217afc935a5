//! The run of one task, from its first trigger to its end. Every step is stored before and after it is made.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use crate::contract::{ErrorKind, Finished, Running, Verdict};
use crate::pipeline::ResolvedTask;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::rate_limit::{Account, Turn};
use crate::pipeline::run::task_state::{SettleAttempts, TaskStage, UnsettledTrigger};
use crate::pipeline::run::wall_time::timestamp;
use crate::store::{AttemptEnd, AttemptError, AttemptId, Outcome, Store, StoreError, TaskRunId};
use crate::watch::after_start::{AfterStart, Recourse};
use crate::watch::backoff::start_backoff;
use crate::watch::shutdown::Shutdown;
use crate::watch::trigger_record::TriggerRecord;
use crate::{CallError, Clock, Function, PollPolicy};

/// A task that runs in this process.
pub(crate) struct TaskRun<C, F> {
    pub(crate) id: TaskRunId,
    pub(crate) task: Arc<ResolvedTask>,
    pub(crate) journal: Journal<C>,
    pub(crate) account: Option<Arc<Account>>,
    pub(crate) policy: PollPolicy,
    pub(crate) observe: F,
    pub(crate) wish: Receiver<Shutdown>,
    /// The end of the task's timeout, by the journal's clock.
    pub(crate) until: Duration,
    /// True if it was resumed and no call has succeeded since: a refusal may be of new secrets or grants.
    pub(crate) resumed: bool,
}

/// The end of a task in this process.
#[derive(Debug)]
pub(crate) enum TaskEnd {
    Ended(Outcome),
    /// It has not ended, and stays as stored.
    Left,
    /// As `Left`, because its secret or its grants are refused.
    Refused,
}

/// Added to a message on an unknown outcome.
const TIME_WAS_UP: &str = " until the task's time was up";

/// The result of a stage: the next one, or the end.
pub(crate) type Then = ControlFlow<TaskEnd, TaskStage>;

impl<C: Clock + 'static, F: Fn(What<'_>)> TaskRun<C, F> {
    /// Runs the task from a stage to its end.
    pub(crate) async fn live(mut self, mut stage: TaskStage) -> Result<TaskEnd, RunnerError> {
        loop {
            let then = match stage {
                TaskStage::Start { number, wait } => self.start(number, wait).await?,
                TaskStage::Settle { number, attempt, doubt, wait } => self.settle(number, attempt, doubt, wait).await?,
                TaskStage::Watch { number, attempt, run, wait } => self.watch(number, attempt, run, wait).await?,
            };
            match then {
                Then::Continue(next) => stage = next,
                Then::Break(end) => return Ok(end),
            }
        }
    }

    async fn start(&mut self, number: u32, wait: Duration) -> Result<Then, RunnerError> {
        let interrupted = "interrupted before its trigger was sent";
        match self.sleep(wait, Shutdown::Run).await {
            None | Some(Shutdown::Run) => {}
            Some(Shutdown::Detach) => return Ok(self.left(None)),
            Some(Shutdown::Cancel) => {
                let (task, outcome) = (self.id, Outcome::Interrupted);
                self.write(move |store, now| store.task_ended(task, outcome, interrupted, now)).await?;
                (self.observe)(What::Ended { outcome, message: interrupted });
                return Ok(Then::Break(TaskEnd::Ended(outcome)));
            }
        }
        let (task, clock) = (self.id, Arc::clone(&self.journal.clock));
        let written = move |store: &mut Store, _| {
            let intent = TriggerRecord::now(&*clock);
            Ok((store.intend(task, number, timestamp(intent.at), intent.uptime.as_ref())?, intent))
        };
        let (attempt, intent) = self.write(written).await?;
        let wish = *self.wish.borrow();
        if wish != Shutdown::Run {
            // A shutdown came during the write. Nothing was sent, so nothing has to be settled.
            let end = end(Outcome::Interrupted, interrupted.to_owned(), None);
            if wish == Shutdown::Cancel {
                return self.end(attempt, end).await;
            }
            self.write(move |store, now| store.retry_at(attempt, &end, now, now)).await?;
            return Ok(self.left(None));
        }
        (self.observe)(What::Intended { attempt: number });
        let call = self.task.plugin.trigger(&self.task.arguments).await;
        self.heard(call.outcome.as_ref().err());
        let recourse =
            Recourse { settlement: self.task.plugin.offers(Function::Settle), retry: number <= self.task.retries };
        let next = AfterStart::of_trigger(call, recourse);
        self.started(number, attempt, SettleAttempts::triggered(intent), next).await
    }

    async fn settle(
        &mut self,
        number: u32,
        attempt: AttemptId,
        doubt: UnsettledTrigger,
        wait: Duration,
    ) -> Result<Then, RunnerError> {
        let UnsettledTrigger { tried, error } = doubt;
        let clock = Arc::clone(&self.journal.clock);
        if !tried.starts.may_settle() {
            let after =
                format!(" after {} requests to settle it that may have started one, too", tried.starts.settles());
            return self.unknown(attempt, &error, &after).await;
        }
        if !self.task.plugin.offers(Function::Settle) || tried.starts.ages(&*clock).is_none() {
            return self.unknown(attempt, &error, "").await;
        }
        if tried.failures > 0 && clock.now().saturating_add(wait) > self.until {
            return self.unknown(attempt, &error, TIME_WAS_UP).await;
        }
        (self.observe)(What::Unsettled { error: &error.message, wait });
        if self.sleep(wait, Shutdown::Run).await.is_some() {
            return Ok(self.left(None));
        }
        let account = self.account.clone();
        let turn = match &account {
            None => None,
            Some(account) => {
                match self
                    .turn(account, account.to_settle(error.code == "limit_exceeded"), self.until, Shutdown::Run)
                    .await?
                {
                    Ok(turn) => Some(turn),
                    Err(Some(_)) => return Ok(self.left(None)),
                    Err(None) => return self.unknown(attempt, &error, TIME_WAS_UP).await,
                }
            }
        };
        let (settle, written_at) = (tried.starts.settles() + 1, Arc::clone(&clock));
        let written = move |store: &mut Store, _| {
            let intent = TriggerRecord::now(&*written_at);
            store.intend_to_settle(attempt, settle, timestamp(intent.at), intent.uptime.as_ref())?;
            Ok(intent)
        };
        let intent = self.write(written).await?;
        let started_nothing = move |store: &mut Store, _| store.settle_started_nothing(attempt, settle);
        if *self.wish.borrow() != Shutdown::Run {
            // A shutdown came during the write.
            self.write(started_nothing).await?;
            if let Some(turn) = turn {
                turn.end(0, &self.journal, &self.observe).await?;
            }
            return Ok(self.left(None));
        }
        // Read only now, since the wait for the rate limit may have been long.
        let Some(ages) = tried.starts.ages(&*clock) else { return self.unknown(attempt, &error, "").await };
        let plugin = match account.as_ref().zip(turn.as_ref()) {
            Some((account, turn)) => account.share(&self.task.plugin, turn.requests),
            None => self.task.plugin.clone(),
        };
        let call = plugin.settle(&self.task.arguments, &ages).await;
        self.heard(call.outcome.as_ref().err());
        let spent = account.as_ref().map_or(0, |account| account.counted(&call.requests));
        let may_have_started = call.may_have_started();
        if call.outcome.is_err() && !may_have_started {
            self.write(started_nothing).await?;
        }
        let next = AfterStart::of_settle(call);
        // The run is stored before anything else.
        let tried = tried.and(may_have_started.then_some(intent));
        let then = self.started(number, attempt, tried, next).await?;
        if let Some(turn) = turn {
            turn.end(spent, &self.journal, &self.observe).await?;
        }
        Ok(then)
    }

    /// Stores the result of a trigger or a settle, and returns the next stage.
    async fn started(
        &mut self,
        number: u32,
        attempt: AttemptId,
        tried: SettleAttempts,
        next: AfterStart,
    ) -> Result<Then, RunnerError> {
        match next {
            AfterStart::Watch(running) => {
                self.resumed = false;
                let kept = self.keep(attempt, &running).await;
                let wait = kept.inspect_err(|_| (self.observe)(What::Unwritten { run: &running.run }))?;
                Ok(Then::Continue(TaskStage::Watch { number, attempt, run: running.run, wait }))
            }
            AfterStart::Finished(finished) => self.finished(number, attempt, finished).await,
            AfterStart::Settle(error) => {
                let asked = asked(&error);
                let error = AttemptError::from(&error);
                let written = error.clone();
                self.write(move |store, now| store.unsettled(attempt, &written, now)).await?;
                let wait = start_backoff(tried.failures, asked);
                let doubt = UnsettledTrigger { tried, error };
                Ok(Then::Continue(TaskStage::Settle { number, attempt, doubt, wait }))
            }
            AfterStart::Retry(error) => {
                let asked = asked(&error);
                self.again(number, attempt, end(Outcome::CallFailed, error.to_string(), Some(&error)), asked).await
            }
            AfterStart::Failed(error) if self.resumed && is_locked_out(&error) => {
                // Nothing was started: the attempt is repeated once the connection is fixed.
                let end = end(Outcome::CallFailed, error.to_string(), Some(&error));
                self.write(move |store, now| store.retry_at(attempt, &end, now, now)).await?;
                Ok(self.refused(&error))
            }
            AfterStart::Failed(error) => {
                self.end(attempt, end(Outcome::CallFailed, error.to_string(), Some(&error))).await
            }
            AfterStart::Unknown(error) if self.resumed && is_locked_out(&error) => Ok(self.refused(&error)),
            AfterStart::Unknown(error) => self.unknown(attempt, &(&error).into(), "").await,
        }
    }

    /// Stores that the run goes on, and returns the wait before the next poll.
    pub(crate) async fn keep(&self, attempt: AttemptId, running: &Running) -> Result<Duration, RunnerError> {
        let wait = self.policy.wait(Duration::from_millis(running.poll_after_ms));
        let written = running.clone();
        self.write(move |store, now| {
            let next = now.saturating_add(wait.try_into().unwrap_or(jiff::SignedDuration::MAX));
            store.running(attempt, &written.run, &written.report, next.unwrap_or(now), now)
        })
        .await?;
        (self.observe)(What::Running(&running.report));
        Ok(wait)
    }

    pub(crate) async fn finished(
        &mut self,
        number: u32,
        attempt: AttemptId,
        finished: Finished,
    ) -> Result<Then, RunnerError> {
        let Finished { verdict, report } = finished;
        let end =
            AttemptEnd { outcome: verdict.into(), message: report.message.clone(), report: Some(report), error: None };
        if verdict == Verdict::Failed && number <= self.task.retries && *self.wish.borrow() != Shutdown::Cancel {
            return self.again(number, attempt, end, None).await;
        }
        self.end(attempt, end).await
    }

    /// Ends an attempt, and schedules a retry if it fits into the timeout.
    async fn again(
        &mut self,
        number: u32,
        attempt: AttemptId,
        end: AttemptEnd,
        asked: Option<Duration>,
    ) -> Result<Then, RunnerError> {
        let wait = start_backoff(number, asked);
        if self.journal.clock.now().saturating_add(wait) > self.until {
            return self.end(attempt, end).await;
        }
        let written = end.clone();
        self.write(move |store, now| {
            let due = now.saturating_add(wait.try_into().unwrap_or(jiff::SignedDuration::MAX)).unwrap_or(now);
            store.retry_at(attempt, &written, due, now)
        })
        .await?;
        (self.observe)(What::Retrying { error: &end.message, wait });
        Ok(Then::Continue(TaskStage::Start { number: number + 1, wait }))
    }

    async fn unknown(&self, attempt: AttemptId, error: &AttemptError, until: &str) -> Result<Then, RunnerError> {
        let tool = &self.task.descriptor.tool;
        let message = format!(
            "whether a run was started is not known{until}: {}; look in {tool} before you start another",
            error.message
        );
        let error = Some(error.clone());
        self.end(attempt, AttemptEnd { outcome: Outcome::Unknown, message, report: None, error }).await
    }

    /// Ends the attempt and the task.
    pub(crate) async fn end(&self, attempt: AttemptId, end: AttemptEnd) -> Result<Then, RunnerError> {
        let written = end.clone();
        self.write(move |store, now| store.attempt_ended(attempt, &written, now)).await?;
        (self.observe)(What::Ended { outcome: end.outcome, message: &end.message });
        Ok(Then::Break(TaskEnd::Ended(end.outcome)))
    }

    /// Leaves the task as it is stored.
    pub(crate) fn left(&self, error: Option<&str>) -> Then {
        (self.observe)(What::Left { error });
        Then::Break(TaskEnd::Left)
    }

    /// Leaves the task as it is stored, until a person fixes its connection.
    pub(crate) fn refused(&self, error: &CallError) -> Then {
        (self.observe)(What::Left { error: Some(&error.to_string()) });
        Then::Break(TaskEnd::Refused)
    }

    /// Notes the `Retry-After` of a call that the tool answered with 429.
    pub(crate) fn heard(&self, error: Option<&CallError>) {
        if let Some(account) = &self.account {
            account.heard(error, &*self.journal.clock);
        }
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Store, jiff::Timestamp) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, RunnerError> {
        self.journal.write(change, &self.observe).await
    }

    /// Sleeps. Returns early with the new shutdown, if it goes beyond the `known` one.
    pub(crate) async fn sleep(&mut self, time: Duration, known: Shutdown) -> Option<Shutdown> {
        tokio::select! {
            biased;
            Ok(wish) = self.wish.wait_for(|wish| *wish > known) => Some(*wish),
            () = self.journal.clock.sleep(time) => None,
        }
    }

    /// Reserves requests of the account, before `until`. The inner error is the new shutdown, if it goes beyond the
    /// `known` one; none after `until`.
    pub(crate) async fn turn<'a>(
        &self,
        account: &'a Account,
        requests: u32,
        until: Duration,
        known: Shutdown,
    ) -> Result<Result<Turn<'a>, Option<Shutdown>>, RunnerError> {
        account.turn(requests, &self.journal, &self.observe, self.quits(until, known)).await
    }

    /// Waits for the end of a wait: the new shutdown, if it goes beyond the `known` one, or none after `until`.
    pub(crate) fn quits(&self, until: Duration, known: Shutdown) -> impl Future<Output = Option<Shutdown>> + use<C, F> {
        let (mut wish, clock) = (self.wish.clone(), Arc::clone(&self.journal.clock));
        async move {
            tokio::select! {
                biased;
                Ok(wish) = wish.wait_for(|wish| *wish > known) => Some(*wish),
                () = clock.sleep(until.saturating_sub(clock.now())) => None,
            }
        }
    }
}

/// The wait that the tool asked for.
fn asked(error: &CallError) -> Option<Duration> {
    error.task_error()?.retry_after_ms.map(Duration::from_millis)
}

/// True for the errors of a wrong secret, a missing grant or another version of the plugin.
pub(crate) fn is_locked_out(error: &CallError) -> bool {
    error.task_error().is_some_and(|error| {
        matches!(error.kind, ErrorKind::Unauthorized | ErrorKind::Denied | ErrorKind::InvalidInput)
            || error.http_status == Some(403)
    })
}

pub(crate) fn end(outcome: Outcome, message: String, error: Option<&CallError>) -> AttemptEnd {
    AttemptEnd { outcome, message, report: None, error: error.map(AttemptError::from) }
}
