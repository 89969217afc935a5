//! A run of a task, watched to its end within what its account allows.

use std::sync::Arc;
use std::time::Duration;

use super::backoff::{chance, spread};
use super::event::What;
use super::journal::Halt;
use super::task_run::{TaskRun, Then, end, is_locked_out};
use super::wish::Wish;
use crate::contract::{Progress, Report};
use crate::store::{AttemptEnd, AttemptId, Outcome};
use crate::watch::{Action, Watch};
use crate::{CallError, Clock, End, Function, Limit, PollPolicy};

/// What came of a call that had to wait for its turn.
enum Called {
    Answered(Result<Progress, CallError>),
    /// Its time was up, or more was wished, before its turn came.
    NotMade(Wish),
}

impl<C: Clock, F: Fn(What<'_>)> TaskRun<C, F> {
    /// Polls until the run has ended.
    pub(super) async fn watch(
        &mut self,
        number: u32,
        attempt: AttemptId,
        run: String,
        wait: Duration,
    ) -> Result<Then, Halt> {
        let clock = Arc::clone(&self.journal.clock);
        let policy = PollPolicy {
            interval: self.patience.interval,
            ignore_hint: self.patience.ignore_hint,
            timeout: self.until.saturating_sub(clock.now()),
            ..PollPolicy::default()
        };
        let mut watch = Watch::new(policy, clock.now(), Some(run));
        let mut need = self.account.as_ref().map_or(0, |account| account.first_guess());
        let mut known = Wish::GoOn;
        let mut action = Action::Wait { until: clock.now().saturating_add(wait), then: Function::Poll };
        loop {
            action = match action {
                Action::Wait { until, then } => {
                    let wish = self.sleep(until.saturating_sub(clock.now()), known).await;
                    self.go_on(&mut watch, &mut known, wish, Action::Call(then))
                }
                Action::Call(function) => {
                    if function == Function::Cancel {
                        (self.observe)(What::Cancelling);
                    }
                    match self.call(function, &watch, &mut need, known).await? {
                        Called::NotMade(wish) => {
                            let overdue = watch.overdue();
                            self.go_on(&mut watch, &mut known, wish, overdue)
                        }
                        Called::Answered(outcome) => {
                            if let Ok(Progress::Running(running)) = &outcome {
                                self.resumed = false;
                                self.keep(attempt, running).await?;
                            }
                            let error = outcome.as_ref().err().map(ToString::to_string);
                            let mut next = watch.answered(clock.now(), function, outcome);
                            if let (Some(error), Action::Wait { until, .. }) = (error, &mut next) {
                                let wait = spread(until.saturating_sub(clock.now()), chance());
                                *until = clock.now().saturating_add(wait);
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

    /// What is next where nothing more is wished, or what follows from that wish.
    fn go_on(&self, watch: &mut Watch, known: &mut Wish, wish: Wish, next: Action) -> Action {
        if wish == *known {
            return next;
        }
        *known = wish;
        match wish {
            Wish::Cancel => watch.unwanted(self.journal.clock.now()),
            _ => Action::End(End::Left { cancellable: true }),
        }
    }

    /// Makes one call within the account's budget.
    async fn call(&mut self, function: Function, watch: &Watch, need: &mut u32, known: Wish) -> Result<Called, Halt> {
        let (task, run) = (Arc::clone(&self.task), watch.run().unwrap_or_default());
        let (plugin, arguments) = (&task.plugin, &task.arguments);
        let Some(account) = self.account.clone() else {
            return Ok(Called::Answered(match function {
                Function::Cancel => plugin.cancel(arguments, run).await.outcome,
                _ => plugin.poll(arguments, run).await.outcome,
            }));
        };
        if function == Function::Cancel {
            // A person waits for it, so it does not queue; it is counted all the same.
            let call = plugin.cancel(arguments, run).await;
            account.spent(call.requests.len(), &self.journal, &self.observe).await?;
            return Ok(Called::Answered(call.outcome));
        }
        loop {
            let left = watch.until().saturating_sub(self.journal.clock.now());
            let turn = tokio::select! {
                biased;
                Ok(wish) = self.wish.wait_for(|wish| *wish > known) => return Ok(Called::NotMade(*wish)),
                turn = account.turn(*need, &self.journal, &self.observe) => turn?,
                () = self.journal.clock.sleep(left) => return Ok(Called::NotMade(known)),
            };
            let call = plugin.with_requests(turn.requests).poll(arguments, run).await;
            self.heard(&call);
            turn.end(call.requests.len(), &self.journal, &self.observe).await?;
            match call.outcome {
                // It went past what was set aside for it: there is more the next time.
                Err(CallError::LimitExceeded { exceeded, .. })
                    if exceeded.limit == Limit::Requests && *need < account.most() =>
                {
                    *need = need.saturating_mul(2).min(account.most());
                }
                outcome => {
                    // The next is expected to be like this one.
                    *need = u32::try_from(call.requests.len()).unwrap_or(u32::MAX).clamp(1, account.most());
                    return Ok(Called::Answered(outcome));
                }
            }
        }
    }

    async fn watched(
        &mut self,
        number: u32,
        attempt: AttemptId,
        ended: End,
        report: Option<Report>,
    ) -> Result<Then, Halt> {
        match ended {
            End::Finished(finished) => self.finished(number, attempt, finished).await,
            End::Failed(error) if self.resumed && is_locked_out(&error) => Ok(self.refused(&error)),
            End::Failed(error) => {
                let end = end(Outcome::CallFailed, error.to_string(), Some(&error));
                self.end(attempt, AttemptEnd { report, ..end }).await
            }
            End::TimedOut { .. } => {
                let timeout = humantime::format_duration(self.task.timeout);
                let end = end(Outcome::TimedOut, format!("it has not ended within {timeout}; the run goes on"), None);
                self.end(attempt, AttemptEnd { report, ..end }).await
            }
            End::Left { .. } => Ok(self.left(None)),
        }
    }
}
