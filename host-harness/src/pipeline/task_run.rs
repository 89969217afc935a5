//! The life of one task, from its first trigger to its end: what is done is written down before and after it is done.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use super::account::Account;
use super::backoff::backoff;
use super::event::What;
use super::journal::{Halt, Journal};
use super::start::{self, Means, Next};
use super::{Patience, ReadyTask};
use crate::contract::{Finished, Progress, Report, Running, Verdict};
use crate::store::{AttemptError, AttemptId, Outcome, TaskRunId};
use crate::watch::{Action, Watch};
use crate::{CallError, Clock, End, Function, Limit, PollPolicy};

/// One task while it is run.
pub(crate) struct TaskRun<C, F> {
    pub(crate) id: TaskRunId,
    pub(crate) task: Arc<ReadyTask>,
    pub(crate) journal: Journal<C>,
    pub(crate) account: Option<Arc<Account>>,
    pub(crate) patience: Patience,
    pub(crate) observe: F,
    /// Becomes true when nobody wants the pipeline any more.
    pub(crate) unwanted: Receiver<bool>,
    /// When the task's time is up, by the journal's clock.
    pub(crate) until: Duration,
}

/// Where a task stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// An attempt begins after this wait.
    Start { number: u32, wait: Duration },
    /// It is to be found out whether the attempt's trigger, which was about to be sent at that time of the journal's clock,
    /// started a run.
    Settle { number: u32, attempt: AttemptId, sent: Sent, failures: u32, error: AttemptError },
    /// A run goes on, and is next polled after this wait.
    Watch { number: u32, attempt: AttemptId, run: String, wait: Duration },
}

/// When a trigger was about to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sent {
    /// At this time of the journal's clock, which may be before it began.
    Ago { age: Duration, at: Duration },
    /// Nobody can tell: the clock of the machine was set back since.
    Unknown,
}

/// How a task's life in this process ended.
#[derive(Debug)]
pub(crate) enum TaskEnd {
    Ended(Outcome),
    /// It stands as the store says.
    Left,
}

/// What follows from one stage.
enum Then {
    Stage(Stage),
    End(TaskEnd),
}

/// What came of a call that had to wait for its turn.
enum Called {
    Answered(Result<Progress, CallError>),
    /// It went past the requests that were reserved for it, and more are the next time.
    NeedsMore,
    /// Nobody wanted it any more while it waited.
    Unwanted,
}

impl<C: Clock, F: Fn(What<'_>)> TaskRun<C, F> {
    /// Goes on from a stage to the end.
    pub(crate) async fn live(mut self, mut stage: Stage) -> Result<TaskEnd, Halt> {
        loop {
            let then = match stage {
                Stage::Start { number, wait } => self.start(number, wait).await?,
                Stage::Settle { number, attempt, sent, failures, error } => {
                    self.settle(number, attempt, sent, failures, error).await?
                }
                Stage::Watch { number, attempt, run, wait } => self.watch(number, attempt, run, wait).await?,
            };
            match then {
                Then::Stage(next) => stage = next,
                Then::End(end) => return Ok(end),
            }
        }
    }

    async fn start(&mut self, number: u32, wait: Duration) -> Result<Then, Halt> {
        if !self.sleep(wait).await {
            let task = self.id;
            let message = "interrupted before another attempt";
            self.journal.write(move |store, now| store.task_ended(task, Outcome::Interrupted, message, now)).await?;
            (self.observe)(What::Ended { outcome: Outcome::Interrupted, message });
            return Ok(Then::End(TaskEnd::Ended(Outcome::Interrupted)));
        }
        let task = self.id;
        let attempt = self.journal.write(move |store, now| store.intend(task, now)).await?;
        let sent = Sent::Ago { age: Duration::ZERO, at: self.journal.clock.now() };
        (self.observe)(What::Intended { attempt: number });
        let call = self.task.plugin.trigger(&self.task.arguments).await;
        let means = Means { settlement: self.task.plugin.offers(Function::Settle), retry: number <= self.task.retries };
        let next = start::next(Function::Trigger, call.outcome, !call.requests.is_empty(), means);
        self.started(number, attempt, sent, 0, next).await
    }

    async fn settle(
        &mut self,
        number: u32,
        attempt: AttemptId,
        sent: Sent,
        failures: u32,
        error: AttemptError,
    ) -> Result<Then, Halt> {
        let wait = backoff(failures, None, chance());
        let (Sent::Ago { age, at }, true) = (sent, self.task.plugin.offers(Function::Settle)) else {
            return self.unknown(attempt, &error, "").await;
        };
        let wait = if failures == 0 { Duration::ZERO } else { wait };
        if self.journal.clock.now().saturating_add(wait) > self.until && failures > 0 {
            return self.unknown(attempt, &error, " until the task's time was up").await;
        }
        (self.observe)(What::Unsettled { error: &error.message, wait });
        if !self.sleep(wait).await {
            (self.observe)(What::Left);
            return Ok(Then::End(TaskEnd::Left));
        }
        let age = age.saturating_add(self.journal.clock.now().saturating_sub(at));
        let call = match &self.account {
            Some(account) => {
                let observe = &self.observe;
                let turn =
                    account.turn(account.first_guess(), &self.journal, |wait| observe(What::Queued { wait })).await?;
                let call = self.task.plugin.settle(&self.task.arguments, age).await;
                turn.end(call.requests.len(), &self.journal).await?;
                call
            }
            None => self.task.plugin.settle(&self.task.arguments, age).await,
        };
        let means = Means { settlement: true, retry: false };
        let next = start::next(Function::Settle, call.outcome, !call.requests.is_empty(), means);
        self.started(number, attempt, sent, failures, next).await
    }

    /// Writes down what came of a trigger, or of settling one, and says what follows.
    async fn started(
        &mut self,
        number: u32,
        attempt: AttemptId,
        sent: Sent,
        failures: u32,
        next: Next,
    ) -> Result<Then, Halt> {
        match next {
            Next::Watch(running) => {
                let wait = self.keep(attempt, &running).await?;
                Ok(Then::Stage(Stage::Watch { number, attempt, run: running.run, wait }))
            }
            Next::Finished(finished) => self.finished(number, attempt, finished).await,
            Next::Settle(error) => {
                let error = AttemptError::from(&error);
                let written = error.clone();
                self.journal.write(move |store, now| store.unsettled(attempt, &written, now)).await?;
                Ok(Then::Stage(Stage::Settle { number, attempt, sent, failures: failures + 1, error }))
            }
            Next::Again(error) => {
                self.again(number, attempt, Outcome::CallFailed, error.to_string(), None, Some(error)).await
            }
            Next::Failed(error) => {
                self.end(attempt, Outcome::CallFailed, error.to_string(), None, Some((&error).into())).await
            }
            Next::Unknown(error) => self.unknown(attempt, &(&error).into(), "").await,
        }
    }

    /// Polls until the run has ended.
    async fn watch(&mut self, number: u32, attempt: AttemptId, run: String, wait: Duration) -> Result<Then, Halt> {
        let clock = Arc::clone(&self.journal.clock);
        let policy = PollPolicy {
            interval: self.patience.interval,
            ignore_hint: self.patience.ignore_hint,
            timeout: self.until.saturating_sub(clock.now()),
            cancel: self.patience.cancel,
            ..PollPolicy::default()
        };
        let mut watch = Watch::new(policy, clock.now(), Some(run));
        let mut need = self.account.as_ref().map_or(0, |account| account.first_guess());
        let mut wanted = true;
        let mut action = Action::Wait { until: clock.now().saturating_add(wait), then: Function::Poll };
        loop {
            action = match action {
                Action::Wait { until, then } => {
                    let wait = until.saturating_sub(clock.now());
                    let interrupted = if wanted {
                        !self.sleep(wait).await
                    } else {
                        clock.sleep(wait).await;
                        false
                    };
                    if interrupted {
                        wanted = false;
                        watch.unwanted(clock.now())
                    } else {
                        Action::Call(then)
                    }
                }
                Action::Call(function) => {
                    if function == Function::Cancel {
                        (self.observe)(What::Cancelling);
                    }
                    let run = watch.run().unwrap_or_default().to_owned();
                    match self.call(function, &run, &mut need, wanted).await? {
                        Called::NeedsMore => Action::Call(function),
                        Called::Unwanted => {
                            wanted = false;
                            watch.unwanted(clock.now())
                        }
                        Called::Answered(outcome) => {
                            if let Ok(Progress::Running(running)) = &outcome {
                                self.keep(attempt, running).await?;
                            }
                            let error = outcome.as_ref().err().map(ToString::to_string);
                            let next = watch.answered(clock.now(), function, outcome);
                            if let (Some(error), Action::Wait { until, .. }) = (error, &next) {
                                let wait = until.saturating_sub(clock.now());
                                (self.observe)(What::Retrying { error: &error, wait });
                            }
                            next
                        }
                    }
                }
                Action::End(end) => {
                    let (_, report) = watch.into_known();
                    return self.watched(number, attempt, end, report).await;
                }
            };
        }
    }

    /// Makes one call within the account's budget.
    async fn call(&mut self, function: Function, run: &str, need: &mut u32, wanted: bool) -> Result<Called, Halt> {
        let (plugin, arguments) = (&self.task.plugin, &self.task.arguments);
        let Some(account) = self.account.clone() else {
            return Ok(Called::Answered(match function {
                Function::Cancel => plugin.cancel(arguments, run).await.outcome,
                _ => plugin.poll(arguments, run).await.outcome,
            }));
        };
        if function == Function::Cancel {
            // A person waits for it, so it does not queue; it is counted all the same.
            let call = plugin.cancel(arguments, run).await;
            account.spent(call.requests.len(), &self.journal).await?;
            return Ok(Called::Answered(call.outcome));
        }
        let observe = &self.observe;
        let turn = tokio::select! {
            biased;
            Ok(_) = self.unwanted.wait_for(|unwanted| *unwanted), if wanted => return Ok(Called::Unwanted),
            turn = account.turn(*need, &self.journal, |wait| observe(What::Queued { wait })) => turn?,
        };
        let call = plugin.with_requests(turn.requests).poll(arguments, run).await;
        turn.end(call.requests.len(), &self.journal).await?;
        match call.outcome {
            Err(CallError::LimitExceeded { exceeded, .. })
                if exceeded.limit == Limit::Requests && *need < account.most() =>
            {
                *need = need.saturating_mul(2).min(account.most());
                Ok(Called::NeedsMore)
            }
            outcome => {
                // The next is expected to be like this one.
                *need = u32::try_from(call.requests.len()).unwrap_or(u32::MAX).clamp(1, account.most());
                Ok(Called::Answered(outcome))
            }
        }
    }

    /// Writes down that the run goes on, and says how long to wait.
    async fn keep(&self, attempt: AttemptId, running: &Running) -> Result<Duration, Halt> {
        let hint = Duration::from_millis(running.poll_after_ms);
        let wait = if self.patience.ignore_hint { self.patience.interval } else { hint.max(self.patience.interval) };
        let written = running.clone();
        self.journal
            .write(move |store, now| {
                let next = now.saturating_add(wait.try_into().unwrap_or(jiff::SignedDuration::MAX));
                store.running(attempt, &written.run, &written.report, next.unwrap_or(now), now)
            })
            .await?;
        (self.observe)(What::Running(&running.report));
        Ok(wait)
    }

    async fn watched(&self, number: u32, attempt: AttemptId, end: End, report: Option<Report>) -> Result<Then, Halt> {
        match end {
            End::Finished(finished) => self.finished(number, attempt, finished).await,
            End::Failed(error) => {
                self.end(attempt, Outcome::CallFailed, error.to_string(), report, Some((&error).into())).await
            }
            End::TimedOut { .. } => {
                let timeout = humantime::format_duration(self.task.timeout);
                let message = format!("it has not ended within {timeout}; the run goes on");
                self.end(attempt, Outcome::TimedOut, message, report, None).await
            }
            End::Left { .. } => {
                (self.observe)(What::Left);
                Ok(Then::End(TaskEnd::Left))
            }
        }
    }

    async fn finished(&self, number: u32, attempt: AttemptId, finished: Finished) -> Result<Then, Halt> {
        let Finished { verdict, report } = finished;
        let message = report.message.clone();
        let outcome = Outcome::from(verdict);
        if verdict == Verdict::Failed && number <= self.task.retries && !*self.unwanted.borrow() {
            return self.again(number, attempt, outcome, message, Some(report), None).await;
        }
        self.end(attempt, outcome, message, Some(report), None).await
    }

    /// Ends an attempt that another follows.
    async fn again(
        &self,
        number: u32,
        attempt: AttemptId,
        outcome: Outcome,
        message: String,
        report: Option<Report>,
        error: Option<CallError>,
    ) -> Result<Then, Halt> {
        let asked = error.as_ref().and_then(CallError::task_error).and_then(|error| error.retry_after_ms);
        let wait = backoff(number, asked.map(Duration::from_millis), chance());
        if self.journal.clock.now().saturating_add(wait) > self.until {
            return self.end(attempt, outcome, message, report, error.as_ref().map(AttemptError::from)).await;
        }
        let (text, error) = (message.clone(), error.as_ref().map(AttemptError::from));
        self.journal
            .write(move |store, now| {
                let due = now.saturating_add(wait.try_into().unwrap_or(jiff::SignedDuration::MAX)).unwrap_or(now);
                store.retry_at(attempt, outcome, &text, report.as_ref(), error.as_ref(), due, now)
            })
            .await?;
        (self.observe)(What::Retrying { error: &message, wait });
        Ok(Then::Stage(Stage::Start { number: number + 1, wait }))
    }

    async fn unknown(&self, attempt: AttemptId, error: &AttemptError, until: &str) -> Result<Then, Halt> {
        let tool = &self.task.descriptor.tool;
        let message = format!(
            "whether a run was started is not known{until}: {}; look in {tool} before you start another",
            error.message
        );
        self.end(attempt, Outcome::Unknown, message, None, Some(error.clone())).await
    }

    /// Ends the attempt and the task.
    async fn end(
        &self,
        attempt: AttemptId,
        outcome: Outcome,
        message: String,
        report: Option<Report>,
        error: Option<AttemptError>,
    ) -> Result<Then, Halt> {
        let text = message.clone();
        self.journal
            .write(move |store, now| store.attempt_ended(attempt, outcome, &text, report.as_ref(), error.as_ref(), now))
            .await?;
        (self.observe)(What::Ended { outcome, message: &message });
        Ok(Then::End(TaskEnd::Ended(outcome)))
    }

    /// Waits, and says whether the pipeline is still wanted.
    async fn sleep(&mut self, time: Duration) -> bool {
        tokio::select! {
            biased;
            Ok(_) = self.unwanted.wait_for(|unwanted| *unwanted) => false,
            () = self.journal.clock.sleep(time) => true,
        }
    }
}

fn chance() -> u32 {
    getrandom::u32().unwrap_or_default()
}
