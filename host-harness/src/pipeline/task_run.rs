//! The life of one task, from its first trigger to its end: what is done is written down before and after it is done.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use super::account::{Account, Turn};
use super::backoff::{backoff, chance};
use super::event::What;
use super::intent::Intent;
use super::journal::{Halt, Journal};
use super::stage::{Doubt, Stage, Tried};
use super::start::{self, Means, Next};
use super::wish::Wish;
use super::{Patience, ReadyTask};
use crate::contract::{ErrorKind, Finished, Running, Verdict};
use crate::store::{AttemptEnd, AttemptError, AttemptId, Outcome, Store, StoreError, TaskRunId};
use crate::{Call, CallError, Clock, Function};

/// One task while it is run.
pub(crate) struct TaskRun<C, F> {
    pub(crate) id: TaskRunId,
    pub(crate) task: Arc<ReadyTask>,
    pub(crate) journal: Journal<C>,
    pub(crate) account: Option<Arc<Account>>,
    pub(crate) patience: Patience,
    pub(crate) observe: F,
    pub(crate) wish: Receiver<Wish>,
    /// When the task's time is up, by the journal's clock.
    pub(crate) until: Duration,
    /// Whether it was taken up from the store and nothing was answered since: what refuses it may be new.
    pub(crate) resumed: bool,
}

/// How a task's life in this process ended.
#[derive(Debug)]
pub(crate) enum TaskEnd {
    Ended(Outcome),
    /// It stands as the store says.
    Left,
    /// It stands as the store says, because what it was called with is refused.
    Refused,
}

/// How long it was not known.
const TIME_WAS_UP: &str = " until the task's time was up";

/// What follows from one stage: another, or the end.
pub(super) type Then = ControlFlow<TaskEnd, Stage>;

impl<C: Clock + 'static, F: Fn(What<'_>)> TaskRun<C, F> {
    /// Goes on from a stage to the end.
    pub(crate) async fn live(mut self, mut stage: Stage) -> Result<TaskEnd, Halt> {
        loop {
            let then = match stage {
                Stage::Start { number, wait } => self.start(number, wait).await?,
                Stage::Settle { number, attempt, doubt, wait } => self.settle(number, attempt, doubt, wait).await?,
                Stage::Watch { number, attempt, run, wait } => self.watch(number, attempt, run, wait).await?,
            };
            match then {
                Then::Continue(next) => stage = next,
                Then::Break(end) => return Ok(end),
            }
        }
    }

    async fn start(&mut self, number: u32, wait: Duration) -> Result<Then, Halt> {
        let interrupted = "interrupted before its trigger was sent";
        match self.sleep(wait, Wish::GoOn).await {
            None | Some(Wish::GoOn) => {}
            Some(Wish::Leave) => return Ok(self.left(None)),
            Some(Wish::Cancel) => {
                let (task, outcome) = (self.id, Outcome::Interrupted);
                self.write(move |store, now| store.task_ended(task, outcome, interrupted, now)).await?;
                (self.observe)(What::Ended { outcome, message: interrupted });
                return Ok(Then::Break(TaskEnd::Ended(outcome)));
            }
        }
        let (task, clock) = (self.id, Arc::clone(&self.journal.clock));
        let written = move |store: &mut Store, _| {
            let intent = Intent::now(&*clock);
            Ok((store.intend(task, number, intent.at, intent.uptime.as_ref())?, intent))
        };
        let (attempt, intent) = self.write(written).await?;
        let wish = *self.wish.borrow();
        if wish != Wish::GoOn {
            // The store was long in taking it. Nothing was sent, so nothing is to be settled.
            let end = end(Outcome::Interrupted, interrupted.to_owned(), None);
            if wish == Wish::Cancel {
                return self.end(attempt, end).await;
            }
            self.write(move |store, now| store.retry_at(attempt, &end, now, now)).await?;
            return Ok(self.left(None));
        }
        (self.observe)(What::Intended { attempt: number });
        let call = self.task.plugin.trigger(&self.task.arguments).await;
        self.heard(&call);
        let means = Means { settlement: self.task.plugin.offers(Function::Settle), retry: number <= self.task.retries };
        let may_have_started = call.may_have_started();
        let next = start::next(Function::Trigger, call.outcome, may_have_started, means);
        self.started(number, attempt, Tried::triggered(intent), next).await
    }

    async fn settle(&mut self, number: u32, attempt: AttemptId, doubt: Doubt, wait: Duration) -> Result<Then, Halt> {
        let Doubt { tried, error } = doubt;
        let clock = Arc::clone(&self.journal.clock);
        if !tried.goes_on() {
            let after = format!(" after {} requests to settle it that may have started one, too", tried.settles());
            return self.unknown(attempt, &error, &after).await;
        }
        if !self.task.plugin.offers(Function::Settle) || tried.ages(&*clock).is_none() {
            return self.unknown(attempt, &error, "").await;
        }
        if tried.failures > 0 && clock.now().saturating_add(wait) > self.until {
            return self.unknown(attempt, &error, TIME_WAS_UP).await;
        }
        (self.observe)(What::Unsettled { error: &error.message, wait });
        if self.sleep(wait, Wish::GoOn).await.is_some() {
            return Ok(self.left(None));
        }
        let account = self.account.clone();
        let turn = match &account {
            None => None,
            Some(account) => match self.turn(account, account.to_settle(tried.failures), self.until, Wish::GoOn).await?
            {
                Ok(turn) => Some(turn),
                Err(Some(_)) => return Ok(self.left(None)),
                Err(None) => return self.unknown(attempt, &error, TIME_WAS_UP).await,
            },
        };
        let (settle, written_at) = (tried.settles() + 1, Arc::clone(&clock));
        let written = move |store: &mut Store, _| {
            let intent = Intent::now(&*written_at);
            store.intend_to_settle(attempt, settle, intent.at, intent.uptime.as_ref())?;
            Ok(intent)
        };
        let intent = self.write(written).await?;
        let started_nothing = move |store: &mut Store, _| store.settle_started_nothing(attempt, settle);
        if *self.wish.borrow() != Wish::GoOn {
            // The store was long in taking it.
            self.write(started_nothing).await?;
            if let Some(turn) = turn {
                turn.end(0, &self.journal, &self.observe).await?;
            }
            return Ok(self.left(None));
        }
        // Only now: for its turn it may have waited long.
        let Some(ages) = tried.ages(&*clock) else { return self.unknown(attempt, &error, "").await };
        let plugin = match &turn {
            Some(turn) => self.task.plugin.with_requests(turn.requests),
            None => self.task.plugin.clone(),
        };
        let call = plugin.settle(&self.task.arguments, &ages).await;
        self.heard(&call);
        let (spent, may_have_started) = (call.requests.len(), call.may_have_started());
        let means = Means { settlement: true, retry: false };
        if call.outcome.is_err() && !may_have_started {
            self.write(started_nothing).await?;
        }
        let next = start::next(Function::Settle, call.outcome, may_have_started, means);
        // The run is written down before anything else is.
        let tried = tried.and(may_have_started.then_some(intent));
        let then = self.started(number, attempt, tried, next).await?;
        if let Some(turn) = turn {
            turn.end(spent, &self.journal, &self.observe).await?;
        }
        Ok(then)
    }

    /// Writes down what came of a trigger, or of settling one, and says what follows.
    async fn started(&mut self, number: u32, attempt: AttemptId, tried: Tried, next: Next) -> Result<Then, Halt> {
        match next {
            Next::Watch(running) => {
                self.resumed = false;
                let kept = self.keep(attempt, &running).await;
                let wait = kept.inspect_err(|_| (self.observe)(What::Unwritten { run: &running.run }))?;
                Ok(Then::Continue(Stage::Watch { number, attempt, run: running.run, wait }))
            }
            Next::Finished(finished) => self.finished(number, attempt, finished).await,
            Next::Settle(error) => {
                let asked = asked(&error);
                let error = AttemptError::from(&error);
                let written = error.clone();
                self.write(move |store, now| store.unsettled(attempt, &written, now)).await?;
                let wait = backoff(tried.failures, asked, chance());
                let doubt = Doubt { tried, error };
                Ok(Then::Continue(Stage::Settle { number, attempt, doubt, wait }))
            }
            Next::Again(error) => {
                let asked = asked(&error);
                self.again(number, attempt, end(Outcome::CallFailed, error.to_string(), Some(&error)), asked).await
            }
            Next::Failed(error) if self.resumed && is_locked_out(&error) => {
                // Nothing was started: the attempt is to be made again once that is mended.
                let end = end(Outcome::CallFailed, error.to_string(), Some(&error));
                self.write(move |store, now| store.retry_at(attempt, &end, now, now)).await?;
                Ok(self.refused(&error))
            }
            Next::Failed(error) => self.end(attempt, end(Outcome::CallFailed, error.to_string(), Some(&error))).await,
            Next::Unknown(error) if self.resumed && is_locked_out(&error) => Ok(self.refused(&error)),
            Next::Unknown(error) => self.unknown(attempt, &(&error).into(), "").await,
        }
    }

    /// Writes down that the run goes on, and says how long to wait.
    pub(super) async fn keep(&self, attempt: AttemptId, running: &Running) -> Result<Duration, Halt> {
        let wait = self.patience.policy().wait(Duration::from_millis(running.poll_after_ms));
        let written = running.clone();
        self.write(move |store, now| {
            let next = now.saturating_add(wait.try_into().unwrap_or(jiff::SignedDuration::MAX));
            store.running(attempt, &written.run, &written.report, next.unwrap_or(now), now)
        })
        .await?;
        (self.observe)(What::Running(&running.report));
        Ok(wait)
    }

    pub(super) async fn finished(&mut self, number: u32, attempt: AttemptId, finished: Finished) -> Result<Then, Halt> {
        let Finished { verdict, report } = finished;
        let end =
            AttemptEnd { outcome: verdict.into(), message: report.message.clone(), report: Some(report), error: None };
        if verdict == Verdict::Failed && number <= self.task.retries && *self.wish.borrow() != Wish::Cancel {
            return self.again(number, attempt, end, None).await;
        }
        self.end(attempt, end).await
    }

    /// Ends an attempt that another follows, where there is time for it.
    async fn again(
        &mut self,
        number: u32,
        attempt: AttemptId,
        end: AttemptEnd,
        asked: Option<Duration>,
    ) -> Result<Then, Halt> {
        let wait = backoff(number, asked, chance());
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
        Ok(Then::Continue(Stage::Start { number: number + 1, wait }))
    }

    async fn unknown(&self, attempt: AttemptId, error: &AttemptError, until: &str) -> Result<Then, Halt> {
        let tool = &self.task.descriptor.tool;
        let message = format!(
            "whether a run was started is not known{until}: {}; look in {tool} before you start another",
            error.message
        );
        let error = Some(error.clone());
        self.end(attempt, AttemptEnd { outcome: Outcome::Unknown, message, report: None, error }).await
    }

    /// Ends the attempt and the task.
    pub(super) async fn end(&self, attempt: AttemptId, end: AttemptEnd) -> Result<Then, Halt> {
        let written = end.clone();
        self.write(move |store, now| store.attempt_ended(attempt, &written, now)).await?;
        (self.observe)(What::Ended { outcome: end.outcome, message: &end.message });
        Ok(Then::Break(TaskEnd::Ended(end.outcome)))
    }

    /// All stands as the store says.
    pub(super) fn left(&self, error: Option<&str>) -> Then {
        (self.observe)(What::Left { error });
        Then::Break(TaskEnd::Left)
    }

    /// Likewise, and a person has to mend the connection first.
    pub(super) fn refused(&self, error: &CallError) -> Then {
        (self.observe)(What::Left { error: Some(&error.to_string()) });
        Then::Break(TaskEnd::Refused)
    }

    /// Takes in what a call says beside its answer.
    pub(super) fn heard<T>(&self, call: &Call<T>) {
        let Some(error) = call.outcome.as_ref().err() else { return };
        let limited = error.task_error().is_some_and(|error| error.http_status == Some(429));
        if let (Some(account), true, Some(wait)) = (&self.account, limited, asked(error)) {
            account.silent_until(self.journal.clock.now().saturating_add(wait));
        }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Store, jiff::Timestamp) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, Halt> {
        self.journal.write(change, &self.observe).await
    }

    /// Waits, unless more than this is wished before: that then.
    pub(super) async fn sleep(&mut self, time: Duration, known: Wish) -> Option<Wish> {
        tokio::select! {
            biased;
            Ok(wish) = self.wish.wait_for(|wish| *wish > known) => Some(*wish),
            () = self.journal.clock.sleep(time) => None,
        }
    }

    /// Waits for a turn at the account until then, unless more than this is wished before: that then.
    pub(super) async fn turn<'a>(
        &self,
        account: &'a Account,
        requests: u32,
        until: Duration,
        known: Wish,
    ) -> Result<Result<Turn<'a>, Option<Wish>>, Halt> {
        let (mut wish, clock) = (self.wish.clone(), Arc::clone(&self.journal.clock));
        let quit = async move {
            tokio::select! {
                biased;
                Ok(wish) = wish.wait_for(|wish| *wish > known) => Some(*wish),
                () = clock.sleep(until.saturating_sub(clock.now())) => None,
            }
        };
        account.turn(requests, &self.journal, &self.observe, quit).await
    }
}

/// How long the tool asked to be left alone.
fn asked(error: &CallError) -> Option<Duration> {
    error.task_error()?.retry_after_ms.map(Duration::from_millis)
}

/// Whether it is what a wrong secret, a missing grant or another plugin would answer.
pub(super) fn is_locked_out(error: &CallError) -> bool {
    error.task_error().is_some_and(|error| {
        matches!(error.kind, ErrorKind::Unauthorized | ErrorKind::Denied | ErrorKind::InvalidInput)
            || error.http_status == Some(403)
    })
}

pub(super) fn end(outcome: Outcome, message: String, error: Option<&CallError>) -> AttemptEnd {
    AttemptEnd { outcome, message, report: None, error: error.map(AttemptError::from) }
}
