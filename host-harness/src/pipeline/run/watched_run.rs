//! A run of a task, watched to its end within what its account allows.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::{Progress, Report};
use crate::pipeline::run::backoff::{chance, spread};
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::RunnerError;
use crate::pipeline::run::shutdown::Shutdown;
use crate::pipeline::run::task_run::{TaskRun, Then, end, is_locked_out};
use crate::store::{AttemptEnd, AttemptId, Outcome};
use crate::watch::state_machine::{Action, Watch};
use crate::{CallError, Clock, End, Function, Limit, PollPolicy};

/// What came of a call that had to wait for its turn.
enum Called {
    Answered(Result<Progress, CallError>),
    /// More was wished, or its time was up, before its turn came.
    NotMade(Option<Shutdown>),
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
        let clock = Arc::clone(&self.journal.clock);
        let policy = PollPolicy { timeout: self.until.saturating_sub(clock.now()), ..self.policy.clone() };
        let mut watch = Watch::new(policy, clock.now(), Some(run));
        let mut need = self.account.as_ref().map_or(0, |account| account.first_guess());
        let mut known = Shutdown::GoOn;
        let mut action = Action::Wait { until: clock.now().saturating_add(wait), then: Function::Poll };
        loop {
            action = match action {
                Action::Wait { until, then } => match self.sleep(until.saturating_sub(clock.now()), known).await {
                    Some(wish) => self.wished(&mut watch, &mut known, wish),
                    None => Action::Call(then),
                },
                Action::Call(function) => {
                    if function == Function::Cancel {
                        (self.observe)(What::Cancelling);
                    }
                    match self.call(function, &watch, &mut need, known).await? {
                        Called::NotMade(Some(wish)) => self.wished(&mut watch, &mut known, wish),
                        Called::NotMade(None) => watch.overdue(),
                        Called::Answered(outcome) => {
                            if let Ok(Progress::Running(running)) = &outcome {
                                self.resumed = false;
                                self.keep(attempt, running).await?;
                            }
                            let error = outcome.as_ref().err().map(ToString::to_string);
                            let mut next = watch.answered(clock.now(), function, outcome);
                            if let (Some(error), Action::Wait { until, .. }) = (error, &mut next) {
                                let wait = spread(until.saturating_sub(clock.now()), chance());
                                *until = clock.now().saturating_add(wait).min(watch.until().max(*until));
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

    /// What follows from a wish.
    fn wished(&self, watch: &mut Watch, known: &mut Shutdown, wish: Shutdown) -> Action {
        *known = wish;
        match wish {
            Shutdown::Cancel => watch.unwanted(self.journal.clock.now()),
            _ => Action::End(End::Left { cancellable: true }),
        }
    }

    /// Makes one call within the account's budget.
    async fn call(
        &mut self,
        function: Function,
        watch: &Watch,
        need: &mut u32,
        known: Shutdown,
    ) -> Result<Called, RunnerError> {
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
            self.heard(&call);
            account.spent(call.requests.len(), &self.journal, &self.observe).await?;
            return Ok(Called::Answered(call.outcome));
        }
        loop {
            let turn = match self.turn(&account, *need, watch.until(), known).await? {
                Ok(turn) => turn,
                Err(wish) => return Ok(Called::NotMade(wish)),
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
    ) -> Result<Then, RunnerError> {
        match ended {
            End::Finished(finished) => self.finished(number, attempt, finished).await,
            End::Failed(error) if self.resumed && is_locked_out(&error) => Ok(self.refused(&error)),
            End::Failed(error) => {
                let end = end(Outcome::CallFailed, error.to_string(), Some(&error));
                self.end(attempt, AttemptEnd { report, ..end }).await
            }
            End::TimedOut { timeout } => {
                // What was watched here is what was left of the task's time.
                let message = if *self.wish.borrow() == Shutdown::GoOn {
                    let timeout = humantime::format_duration(self.task.timeout);
                    format!("it has not ended, and the next poll would come after its timeout of {timeout}")
                } else {
                    format!("it has not ended within {} of being cancelled", humantime::format_duration(timeout))
                };
                let end = end(Outcome::TimedOut, message + "; the run goes on", None);
                self.end(attempt, AttemptEnd { report, ..end }).await
            }
            End::Left { .. } => Ok(self.left(None)),
            End::NotOurs(error) => {
                (self.observe)(What::NotOurs { error: &error.to_string() });
                Ok(self.left(None))
            }
        }
    }
}
