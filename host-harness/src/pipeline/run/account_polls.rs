//! The polls of an account: within its rate limit, and in one call for all runs of a connection that are due.
//!
//! The run that comes first leads: it waits for its turn, and then polls for all runs that are due by then. The others wait for
//! their answers, and one of them leads next.

use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::sync::oneshot::error::TryRecvError;

use crate::pipeline::run::due_runs::{Answer, Gathering, Outcome, is_not_reached};
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::next_call::{NextCall, exceeds_share};
use crate::pipeline::run::rate_limit::Account;
use crate::{Arguments, Clock, Function, Plugin};

/// How long a call waits for others that are due at about the same time, such as those that the last call told the same wait.
const GATHERING: Duration = Duration::from_secs(1);

/// How the next poll of a run is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollCost {
    /// The requests that it is expected to need.
    requests: u32,
    /// True after a call for all that failed.
    is_alone: bool,
}

impl Account {
    /// The cost of a run's first poll, which may have to search.
    pub(crate) fn first_cost(&self) -> PollCost {
        PollCost { requests: self.first_guess(), is_alone: false }
    }

    /// Polls a run within the rate limit: together with the other runs of the connection that are due, where the plugin can. If
    /// `quit` is ready before, returns its value.
    ///
    /// A run in a `hurry` was cancelled, and a person waits for it: the call for all waits for no turn then, as the cancel did not;
    /// its requests still count.
    pub(crate) async fn poll<C: Clock + 'static, Q>(
        &self,
        polled: (&Plugin, &Arguments, &str),
        hurry: bool,
        cost: &mut PollCost,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
        quit: impl Future<Output = Q>,
    ) -> Result<Result<Outcome, Q>, RunnerError> {
        let (plugin, arguments, run) = polled;
        let mut quit = pin!(quit);
        if cost.is_alone || !plugin.offers(Function::PollMany) {
            return self.poll_alone(polled, cost, journal, observe, quit).await;
        }
        let gathering = self.due_runs.of(plugin, arguments);
        loop {
            let mut answer = gathering.join(arguments, run, cost.requests);
            let answered = tokio::select! {
                biased;
                quit = &mut quit => return Ok(Err(quit)),
                answered = &mut answer => answered.ok(),
                mut next_call = self.due_runs.next_call.lock() => loop {
                    match answer.try_recv() {
                        Ok(answered) => break Some(answered),
                        // The task that made the call for all is gone.
                        Err(TryRecvError::Closed) => break None,
                        Err(TryRecvError::Empty) => {}
                    }
                    if let Err(quit) = self.call(&gathering, &mut next_call, hurry, journal, observe, &mut quit).await? {
                        return Ok(Err(quit));
                    }
                },
            };
            match answered {
                Some(Answer::Polled(outcome)) => {
                    cost.requests = 1;
                    return Ok(Ok(outcome));
                }
                Some(Answer::Alone) => {
                    cost.is_alone = true;
                    return self.poll_alone(polled, cost, journal, observe, quit).await;
                }
                None => {}
            }
        }
    }

    /// Makes one call for the runs that are due, and tells them their answers. Returns early with the value of `quit`.
    async fn call<C: Clock + 'static, Q>(
        &self,
        gathering: &Gathering,
        next_call: &mut NextCall,
        hurry: bool,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
        mut quit: &mut Pin<&mut impl Future<Output = Q>>,
    ) -> Result<Result<(), Q>, RunnerError> {
        // No longer than it can be, since another host's clock may have set it.
        let wait = next_call.not_before.saturating_sub(journal.clock.now()).min(self.time_of(self.most()));
        let wait = if hurry { GATHERING } else { wait.saturating_add(GATHERING) };
        tokio::select! {
            biased;
            quit = &mut quit => return Ok(Err(quit)),
            () = journal.clock.sleep(wait) => {}
        }
        let (runs, requests) = next_call.next(&mut gathering.due());
        let requests = requests.clamp(1, self.most());
        let turn = if hurry {
            None
        } else {
            match self.turn(requests, journal, observe, &mut quit).await? {
                Ok(turn) => Some(turn),
                Err(quit) => return Ok(Err(quit)),
            }
        };
        let requests = if hurry { self.most() } else { requests };
        let runs = gathering.take(runs);
        let (outcomes, spent) = gathering.call(self, &runs, requests).await;
        next_call.not_before = journal.clock.now().saturating_add(self.time_of(spent));
        match outcomes {
            Ok(outcomes) => {
                next_call.answered(spent, runs.len());
                let has_told = outcomes.iter().any(|outcome| !is_not_reached(outcome));
                let mut not_reached = Vec::new();
                for (run, outcome) in runs.into_iter().zip(outcomes) {
                    self.heard(outcome.as_ref().err(), &*journal.clock);
                    if has_told && is_not_reached(&outcome) {
                        not_reached.push(run);
                    } else {
                        // Where the run is not wanted any more, nobody waits for it.
                        _ = run.answer.send(Answer::Polled(outcome));
                    }
                }
                gathering.put_back(not_reached);
            }
            Err(error) if next_call.may_pass_otherwise(&error, (requests, self.most()), runs.len()) => {
                gathering.put_back(runs);
            }
            Err(_) => runs.into_iter().for_each(|run| _ = run.answer.send(Answer::Alone)),
        }
        match turn {
            Some(turn) => turn.end(spent, journal, observe).await?,
            None => self.spent(spent, journal, observe).await?,
        }
        Ok(Ok(()))
    }

    /// Polls a run with a plugin that polls one at a time.
    async fn poll_alone<C: Clock + 'static, Q>(
        &self,
        (plugin, arguments, run): (&Plugin, &Arguments, &str),
        cost: &mut PollCost,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
        mut quit: Pin<&mut impl Future<Output = Q>>,
    ) -> Result<Result<Outcome, Q>, RunnerError> {
        loop {
            let turn = match self.turn(cost.requests, journal, observe, &mut quit).await? {
                Ok(turn) => turn,
                Err(quit) => return Ok(Err(quit)),
            };
            let call = self.share(plugin, turn.requests).poll(arguments, run).await;
            let spent = self.counted(&call.requests);
            turn.end(spent, journal, observe).await?;
            self.heard(call.outcome.as_ref().err(), &*journal.clock);
            if cost.requests >= self.most()
                || !call.outcome.as_ref().is_err_and(|error| exceeds_share(error, cost.requests))
            {
                // The next poll is expected to need as many. One that needs a single request spoils no call for all.
                cost.requests = spent.clamp(1, self.most());
                cost.is_alone &= call.outcome.is_err() || spent > 1;
                return Ok(Ok(call.outcome));
            }
            cost.requests = cost.requests.saturating_mul(2).min(self.most());
        }
    }
}
