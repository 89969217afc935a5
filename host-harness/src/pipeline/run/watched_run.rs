//! The watch of a task's run, within the rate limit of its account.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::{Progress, Report, Running};
use crate::pipeline::run::account_polls::PollCost;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::RunnerError;
use crate::pipeline::run::task_run::{TaskRun, Then, end, is_locked_out};
use crate::store::{AttemptEnd, AttemptId, Outcome};
use crate::watch::shutdown::Shutdown;
use crate::watch::state_machine::{Watch, WatchAction};
use crate::watch::watch_loop::{self, Called, WatchHost};
use crate::{CallError, Clock, Function, PollPolicy, WatchEnd};

/// The host of the watch of a task's run.
struct WatchedRun<'a, C, F> {
    task: &'a mut TaskRun<C, F>,
    attempt: AttemptId,
    /// The requests that the next poll is expected to need.
    cost: Option<PollCost>,
    /// The shutdown that the watch knows of.
    known: Shutdown,
    /// True if a poll has told that the run goes on, since it was cancelled if it was.
    was_seen: bool,
}

impl<C: Clock + 'static, F: Fn(What<'_>)> TaskRun<C, F> {
    /// Polls until the run has ended.
    pub(crate) async fn watch(
        &mut self,
        number: u32,
        attempt: AttemptId,
        run: String,
        wait: Duration,
    ) -> Result<Then, RunnerError> {
        let now = self.journal.clock.now();
        let policy = PollPolicy { timeout: self.until.saturating_sub(now), ..self.policy.clone() };
        let first = WatchAction::Wait { until: now.saturating_add(wait), then: Function::Poll };
        let cost = self.account.as_ref().map(|account| account.first_cost());
        let mut watched = WatchedRun { task: self, attempt, cost, known: Shutdown::Run, was_seen: false };
        let (end, watch) = watch_loop::watch(Watch::new(policy, now, Some(run)), first, &mut watched).await?;
        let ((_, report), was_seen) = (watch.into_known(), watched.was_seen);
        self.watched(number, attempt, end, report, was_seen).await
    }

    async fn watched(
        &mut self,
        number: u32,
        attempt: AttemptId,
        ended: WatchEnd,
        report: Option<Report>,
        was_seen: bool,
    ) -> Result<Then, RunnerError> {
        match ended {
            WatchEnd::Finished(finished) => self.finished(number, attempt, finished).await,
            WatchEnd::Failed(error) if self.resumed && is_locked_out(&error) => Ok(self.refused(&error)),
            WatchEnd::Failed(error) => {
                let end = end(Outcome::CallFailed, error.to_string(), Some(&error));
                self.end(attempt, AttemptEnd { report, ..end }).await
            }
            WatchEnd::TimedOut { timeout } => {
                let (ended, goes_on) = if was_seen {
                    ("has not ended", "the run goes on")
                } else {
                    ("was not seen to end", "the run may go on")
                };
                // The watch's timeout was only the rest of the task's.
                let message = if *self.wish.borrow() == Shutdown::Run {
                    let timeout = humantime::format_duration(self.task.timeout);
                    format!("it {ended}, and the next poll would come after its timeout of {timeout}; {goes_on}")
                } else {
                    let timeout = humantime::format_duration(timeout);
                    format!("it {ended} within {timeout} of being cancelled; {goes_on}")
                };
                let end = end(Outcome::TimedOut, message, None);
                self.end(attempt, AttemptEnd { report, ..end }).await
            }
            WatchEnd::Left { .. } => Ok(self.left(None)),
            WatchEnd::NotOurs(error) => {
                (self.observe)(What::NotOurs { error: &error.to_string() });
                Ok(self.left(None))
            }
        }
    }
}

impl<C, F> WatchedRun<'_, C, F> {
    fn polled(&mut self, outcome: Result<Progress, CallError>) -> Called {
        self.was_seen |= matches!(outcome, Ok(Progress::Running(_)));
        Called::Answered(outcome)
    }
}

impl<C: Clock + 'static, F: Fn(What<'_>)> WatchHost for WatchedRun<'_, C, F> {
    type Halt = RunnerError;

    fn now(&self) -> Duration {
        self.task.journal.clock.now()
    }

    async fn wait(&mut self, until: Duration) -> Option<Shutdown> {
        let shutdown = self.task.sleep(until.saturating_sub(self.now()), self.known).await?;
        self.known = shutdown;
        Some(shutdown)
    }

    /// Makes a call within the account's rate limit.
    async fn call(&mut self, function: Function, run: &str, until: Duration) -> Result<Called, RunnerError> {
        let task = Arc::clone(&self.task.task);
        let (plugin, arguments) = (&task.plugin, &task.arguments);
        if function == Function::Cancel {
            self.was_seen = false;
            // A person waits for it, so it does not queue; its requests still count.
            (self.task.observe)(What::Cancelling);
            let call = plugin.cancel(arguments, run).await;
            self.task.heard(call.outcome.as_ref().err());
            if let Some(account) = &self.task.account {
                account.spent(account.counted(&call.requests), &self.task.journal, &self.task.observe).await?;
            }
            return Ok(Called::Answered(call.outcome));
        }
        let (Some(account), Some(cost)) = (self.task.account.clone(), &mut self.cost) else {
            let outcome = plugin.poll(arguments, run).await.outcome;
            return Ok(self.polled(outcome));
        };
        let quits = self.task.quits(until, self.known);
        let (journal, observe) = (&self.task.journal, &self.task.observe);
        // A person waits for a run that was cancelled.
        let hurry = self.known == Shutdown::Cancel;
        match account.poll((plugin, arguments, run), hurry, cost, journal, observe, quits).await? {
            Ok(outcome) => Ok(self.polled(outcome)),
            Err(Some(shutdown)) => {
                self.known = shutdown;
                Ok(Called::Unwanted(shutdown))
            }
            Err(None) => Ok(Called::TimeIsUp),
        }
    }

    async fn running(&mut self, running: &Running) -> Result<(), RunnerError> {
        self.task.resumed = false;
        self.task.keep(self.attempt, running).await.map(drop)
    }

    fn retrying(&mut self, error: &CallError, wait: Duration) {
        (self.task.observe)(What::Retrying { error: &error.to_string(), wait });
    }
}
