//! The polls of an account: within its rate limit, and in one call for all runs of a connection that are due.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::contract::Progress;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::rate_limit::Account;
use crate::{Arguments, CallError, Clock, Function, Limit, Plugin};

/// For so many runs beyond those of the last call, one more request is reserved.
const RUNS_PER_REQUEST: u32 = 20;

/// The most runs of a call.
const MOST_RUNS: usize = 2_000;

/// The result of a run's poll.
type Outcome = Result<Progress, CallError>;

/// The runs of an account that are due to be polled, by connection.
#[derive(Debug, Default)]
pub(crate) struct DueRuns(Mutex<Vec<Arc<Gathering>>>);

/// The runs of one connection that are due. Whoever comes first waits for the rate limit, and then polls for all.
#[derive(Debug)]
struct Gathering {
    plugin: Plugin,
    arguments: Arguments,
    due: Mutex<VecDeque<DueRun>>,
    /// Held by the task that makes the next call.
    next_call: tokio::sync::Mutex<NextCall>,
}

/// A run that is due, and its task, which waits.
#[derive(Debug)]
struct DueRun {
    arguments: Arguments,
    run: String,
    /// The requests that its own poll is expected to need.
    requests: u32,
    answer: oneshot::Sender<Outcome>,
}

/// What is known of the next call.
#[derive(Debug)]
struct NextCall {
    /// The requests of the last call, and its runs.
    last: (u32, u32),
    /// The least number of requests to reserve, after a call that needed more than it had.
    least: u32,
    /// The most runs to poll in it, fewer after a call that failed for all of them.
    most_runs: usize,
    /// No call before this time, by the host's clock: what the last one spent is shared out over the window.
    not_before: Duration,
}

/// The requests that the next poll of a run is expected to need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PollCost(u32);

impl Account {
    /// The cost of a run's first poll, which may have to search.
    pub(crate) fn first_cost(&self) -> PollCost {
        PollCost(self.first_guess())
    }

    /// Polls a run within the rate limit: together with the other runs of the connection that are due, where the plugin can. If
    /// `quit` is ready before, returns its value.
    pub(crate) async fn poll<C: Clock + 'static, Q>(
        &self,
        polled: (&Plugin, &Arguments, &str),
        cost: &mut PollCost,
        journal: &Journal<C>,
        observe: &impl Fn(What<'_>),
        quit: impl Future<Output = Q>,
    ) -> Result<Result<Outcome, Q>, RunnerError> {
        let (plugin, arguments, run) = polled;
        let mut quit = pin!(quit);
        if !plugin.offers(Function::PollMany) {
            return self.poll_alone(polled, cost, journal, observe, quit).await;
        }
        let gathering = self.due_runs.of(plugin, arguments);
        loop {
            let mut answer = gathering.join(arguments, run, *cost);
            let mut next_call = tokio::select! {
                biased;
                quit = &mut quit => return Ok(Err(quit)),
                answered = &mut answer => match answered {
                    Ok(outcome) => {
                        *cost = PollCost(1);
                        return Ok(Ok(outcome));
                    }
                    // The task that made the call for all is gone.
                    Err(_) => continue,
                },
                next_call = gathering.next_call.lock() => next_call,
            };
            while answer.is_empty() {
                let wait = next_call.not_before.saturating_sub(journal.clock.now());
                tokio::select! {
                    biased;
                    quit = &mut quit => return Ok(Err(quit)),
                    () = journal.clock.sleep(wait) => {}
                }
                let requests = next_call.requests(&gathering.due()).clamp(1, self.most());
                let turn = match self.turn(requests, journal, observe, &mut quit).await? {
                    Ok(turn) => turn,
                    Err(quit) => return Ok(Err(quit)),
                };
                let runs = gathering.take(next_call.most_runs);
                let (outcomes, spent) = gathering.call(&runs, requests, requests < self.most()).await;
                next_call.not_before = journal.clock.now().saturating_add(self.time_of(spent));
                turn.end(spent, journal, observe).await?;
                match outcomes {
                    Ok(outcomes) => {
                        next_call.answered(spent, runs.len());
                        for (run, outcome) in runs.into_iter().zip(outcomes) {
                            // Where the run is not wanted any more, nobody waits for it.
                            _ = run.answer.send(outcome);
                        }
                    }
                    Err(error) => {
                        next_call.failed(&error, requests, requests < self.most(), runs.len());
                        gathering.put_back(runs);
                    }
                }
            }
            if let Ok(outcome) = answer.try_recv() {
                *cost = PollCost(1);
                return Ok(Ok(outcome));
            }
        }
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
            let turn = match self.turn(cost.0, journal, observe, &mut quit).await? {
                Ok(turn) => turn,
                Err(quit) => return Ok(Err(quit)),
            };
            let call = plugin.with_requests(turn.requests).poll(arguments, run).await;
            let spent = counted(call.requests.len());
            turn.end(spent, journal, observe).await?;
            if cost.0 >= self.most() || !call.outcome.as_ref().is_err_and(exceeds_requests) {
                // The next poll is expected to need as many.
                *cost = PollCost(spent.clamp(1, self.most()));
                return Ok(Ok(call.outcome));
            }
            *cost = PollCost(cost.0.saturating_mul(2).min(self.most()));
        }
    }
}

impl DueRuns {
    /// The gathering of a connection.
    fn of(&self, plugin: &Plugin, arguments: &Arguments) -> Arc<Gathering> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().find(|one| one.plugin.is_same(plugin) && one.arguments.shares_connection(arguments));
        if let Some(known) = known {
            return Arc::clone(known);
        }
        // Connections that are not used any more are forgotten, with their secrets.
        all.retain(|one| Arc::strong_count(one) > 1);
        let gathering = Arc::new(Gathering {
            plugin: plugin.clone(),
            arguments: arguments.clone(),
            due: Mutex::default(),
            next_call: tokio::sync::Mutex::new(NextCall::FIRST),
        });
        all.push(Arc::clone(&gathering));
        gathering
    }
}

impl Gathering {
    fn due(&self) -> MutexGuard<'_, VecDeque<DueRun>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a run. Where the receiver of its answer is dropped, it is left out of the next call.
    fn join(&self, arguments: &Arguments, run: &str, cost: PollCost) -> oneshot::Receiver<Outcome> {
        let (answer, answered) = oneshot::channel();
        let run = DueRun { arguments: arguments.clone(), run: run.to_owned(), requests: cost.0, answer };
        self.due().push_back(run);
        answered
    }

    /// Takes the runs of the next call: those that have waited longest.
    fn take(&self, most: usize) -> Vec<DueRun> {
        let mut due = self.due();
        due.retain(|run| !run.answer.is_closed());
        let taken = due.len().min(most);
        due.drain(..taken).collect()
    }

    fn put_back(&self, runs: Vec<DueRun>) {
        let mut due = self.due();
        runs.into_iter().rev().for_each(|run| due.push_front(run));
    }

    /// Polls runs in one call. Returns an outcome for each, or the error that says nothing of any, and the number of requests.
    async fn call(
        &self,
        runs: &[DueRun],
        requests: u32,
        may_have_more: bool,
    ) -> (Result<Vec<Outcome>, CallError>, u32) {
        let plugin = self.plugin.with_requests(requests);
        if let [only] = runs {
            let call = plugin.poll(&only.arguments, &only.run).await;
            let spent = counted(call.requests.len());
            return match call.outcome {
                Err(error) if may_have_more && exceeds_requests(&error) => (Err(error), spent),
                outcome => (Ok(vec![outcome]), spent),
            };
        }
        let runs: Vec<_> = runs.iter().map(|run| (&run.arguments, &*run.run)).collect();
        let call = plugin.poll_many(&runs).await;
        (call.outcome, counted(call.requests.len()))
    }
}

impl NextCall {
    const FIRST: Self = Self { last: (0, 0), least: 0, most_runs: MOST_RUNS, not_before: Duration::ZERO };

    /// The requests to reserve for the runs that are due: those of the last call, in proportion.
    fn requests(&self, due: &VecDeque<DueRun>) -> u32 {
        let runs = counted(due.len().min(self.most_runs));
        let (last_requests, last_runs) = self.last;
        let expected = match runs.checked_sub(last_runs) {
            Some(more) => last_requests.saturating_add(more / RUNS_PER_REQUEST),
            None => last_requests.saturating_mul(runs).div_ceil(last_runs),
        };
        let own = due.iter().map(|run| run.requests).max();
        expected.max(own.unwrap_or_default()).max(self.least)
    }

    fn answered(&mut self, requests: u32, runs: usize) {
        self.last = (requests, counted(runs));
        self.least = 0;
        if runs == self.most_runs {
            // Slowly, since the next failure costs a call.
            self.most_runs = (runs + runs.div_ceil(8)).min(MOST_RUNS);
        }
    }

    /// The call failed for all of its runs: it is made again with more requests where they were too few, else for half of the
    /// runs, until the one that it fails for is polled by itself.
    fn failed(&mut self, error: &CallError, requests: u32, may_have_more: bool, runs: usize) {
        if may_have_more && exceeds_requests(error) {
            self.least = requests.saturating_mul(2);
        } else {
            self.most_runs = (runs / 2).max(1);
        }
    }
}

fn exceeds_requests(error: &CallError) -> bool {
    matches!(error, CallError::LimitExceeded { exceeded, .. } if exceeded.limit == Limit::Requests)
}

/// A number of requests or runs.
pub(crate) fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn due(runs: usize, requests: u32) -> VecDeque<DueRun> {
        let run = |_| DueRun {
            arguments: Arguments::new(Vec::new(), Vec::new()),
            run: "run".to_owned(),
            requests,
            answer: oneshot::channel().0,
        };
        (0..runs).map(run).collect()
    }

    fn past(limit: Limit) -> CallError {
        CallError::LimitExceeded { function: Function::PollMany, exceeded: Limits::default().exceeded(limit) }
    }

    #[test]
    fn as_many_requests_are_reserved_as_the_last_call_took_for_as_many_runs() {
        let mut next = NextCall::FIRST;
        assert_eq!(next.requests(&due(1, 5)), 5, "a first poll may search");
        assert_eq!(next.requests(&due(200, 5)), 10, "some pages for many runs");
        next.answered(4, 200);
        assert_eq!([1, 50, 51, 200].map(|runs| next.requests(&due(runs, 1))), [1, 1, 2, 4]);
        assert_eq!(next.requests(&due(240, 1)), 4 + 2);
        assert_eq!(next.requests(&due(5, 5)), 5);
    }

    #[test]
    fn a_call_that_needed_more_requests_is_made_again_with_twice_as_many() {
        let mut next = NextCall::FIRST;
        next.failed(&past(Limit::Requests), 5, true, 200);
        assert_eq!((next.requests(&due(20, 1)), next.most_runs), (10, MOST_RUNS));
        next.answered(7, 20);
        assert_eq!(next.requests(&due(20, 1)), 7);
    }

    #[test]
    fn a_call_that_fails_for_all_of_its_runs_is_made_for_half_of_them_down_to_one() {
        let mut next = NextCall::FIRST;
        next.failed(&past(Limit::Requests), 30, false, 200);
        assert_eq!(next.most_runs, 100);
        for most in [50, 25, 12, 6, 3, 1, 1] {
            next.failed(&past(Limit::Memory), 5, true, next.most_runs);
            assert_eq!(next.most_runs, most);
        }
        next.answered(1, 1);
        next.answered(1, 1);
        assert_eq!(next.most_runs, 2, "only a full call shows that more may be asked for");
    }
}
