//! The polls of an account: within its rate limit, and in one call for all runs of a connection that are due.
//!
//! The run that comes first leads: it waits for its turn, and then polls for all runs that are due by then. The others wait for
//! their answers, and one of them leads next.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use crate::contract::Progress;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::rate_limit::Account;
use crate::{Arguments, CallError, Clock, Function, Limit, Plugin};

/// For so many runs beyond those of the last call, one more request is reserved.
const RUNS_PER_REQUEST: u32 = 20;

/// The most runs of a call.
const MOST_RUNS: usize = 2_000;

/// How long a call waits for others that are due at about the same time.
const GATHERING: Duration = Duration::from_secs(1);

/// The result of a run's poll.
type Outcome = Result<Progress, CallError>;

/// The runs of an account that are due to be polled, by connection. A connection that nobody polls is forgotten, with its secrets.
#[derive(Debug, Default)]
pub(crate) struct DueRuns {
    connections: Mutex<Vec<Weak<Gathering>>>,
    /// Held by the task that leads.
    next_call: tokio::sync::Mutex<NextCall>,
}

/// The runs of one connection that are due.
#[derive(Debug)]
struct Gathering {
    plugin: Plugin,
    arguments: Arguments,
    due: Mutex<VecDeque<DueRun>>,
}

/// A run that is due, and its task, which waits.
#[derive(Debug)]
struct DueRun {
    arguments: Arguments,
    run: String,
    /// The requests that its own poll is expected to need.
    requests: u32,
    answer: oneshot::Sender<Answer>,
}

/// What a run is told that was due.
#[derive(Debug)]
enum Answer {
    Polled(Outcome),
    /// The call for all failed: it is to be polled by itself, so that it cannot fail for others again.
    Alone,
}

/// What is known of the next call.
#[derive(Debug)]
struct NextCall {
    /// The requests of the last call, and its runs.
    last: (u32, u32),
    /// The least number of requests to reserve, after a call that needed more than it had.
    least: u32,
    /// The most runs to poll in it, fewer after a call that was too large.
    most_runs: usize,
    /// No call before this time, by the host's clock: what the last one spent is shared out over the window.
    not_before: Duration,
}

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
        let wait = if hurry { GATHERING } else { wait.max(GATHERING) };
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
        let (outcomes, spent) = gathering.call(&runs, requests, requests < self.most()).await;
        next_call.not_before = journal.clock.now().saturating_add(self.time_of(spent));
        match outcomes {
            Ok(outcomes) => {
                next_call.answered(spent, runs.len());
                for (run, outcome) in runs.into_iter().zip(outcomes) {
                    self.heard(outcome.as_ref().err(), &*journal.clock);
                    // Where the run is not wanted any more, nobody waits for it.
                    _ = run.answer.send(Answer::Polled(outcome));
                }
            }
            Err(error) if next_call.may_pass_otherwise(&error, requests, requests < self.most(), runs.len()) => {
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
            let call = plugin.with_requests(turn.requests).poll(arguments, run).await;
            let spent = counted(call.requests.len());
            turn.end(spent, journal, observe).await?;
            self.heard(call.outcome.as_ref().err(), &*journal.clock);
            if cost.requests >= self.most() || !call.outcome.as_ref().is_err_and(exceeds_requests) {
                // The next poll is expected to need as many. One that needs a single request spoils no call for all.
                cost.requests = spent.clamp(1, self.most());
                cost.is_alone &= call.outcome.is_err() || spent > 1;
                return Ok(Ok(call.outcome));
            }
            cost.requests = cost.requests.saturating_mul(2).min(self.most());
        }
    }
}

impl DueRuns {
    /// The gathering of a connection.
    fn of(&self, plugin: &Plugin, arguments: &Arguments) -> Arc<Gathering> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|one| one.strong_count() > 0);
        let is_same = |one: &Arc<Gathering>| one.plugin.is_same(plugin) && one.arguments.shares_connection(arguments);
        if let Some(known) = connections.iter().filter_map(Weak::upgrade).find(is_same) {
            return known;
        }
        let (plugin, arguments) = (plugin.clone(), arguments.clone());
        let gathering = Arc::new(Gathering { plugin, arguments, due: Mutex::default() });
        connections.push(Arc::downgrade(&gathering));
        gathering
    }
}

impl Gathering {
    fn due(&self) -> MutexGuard<'_, VecDeque<DueRun>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a run. Where the receiver of its answer is dropped, it is left out of the next call.
    fn join(&self, arguments: &Arguments, run: &str, requests: u32) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let run = DueRun { arguments: arguments.clone(), run: run.to_owned(), requests, answer };
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

impl Default for NextCall {
    fn default() -> Self {
        Self { last: (0, 0), least: 0, most_runs: MOST_RUNS, not_before: Duration::ZERO }
    }
}

impl NextCall {
    /// The runs that it is made for, and the requests to reserve for them: those of the last call, in proportion.
    fn next(&self, due: &mut VecDeque<DueRun>) -> (usize, u32) {
        due.retain(|run| !run.answer.is_closed());
        let taken = due.len().min(self.most_runs);
        let runs = counted(taken);
        let (last_requests, last_runs) = self.last;
        let expected = match runs.checked_sub(last_runs) {
            Some(more) => last_requests.saturating_add(more / RUNS_PER_REQUEST),
            None => last_requests.saturating_mul(runs).div_ceil(last_runs),
        };
        let own = due.iter().take(taken).map(|run| run.requests).max();
        (taken, expected.max(own.unwrap_or_default()).max(self.least))
    }

    fn answered(&mut self, requests: u32, runs: usize) {
        self.last = (requests, counted(runs));
        self.least = 0;
        if runs == self.most_runs {
            // Slowly, since the next failure costs a call.
            self.most_runs = (runs + runs.div_ceil(8)).min(MOST_RUNS);
        }
    }

    /// True if a call that failed for all of its runs is to be made otherwise: with more requests where they were too few, for
    /// fewer runs where it was too large.
    fn may_pass_otherwise(&mut self, error: &CallError, requests: u32, may_have_more: bool, runs: usize) -> bool {
        match error {
            _ if may_have_more && exceeds_requests(error) => self.least = requests.saturating_mul(2),
            CallError::LimitExceeded { exceeded, .. } if exceeded.limit != Limit::Requests && runs > 1 => {
                self.most_runs = runs / 2;
            }
            _ => return false,
        }
        true
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

    /// Runs that are due, and those who wait for them.
    fn due(runs: usize, requests: u32) -> (Vec<oneshot::Receiver<Answer>>, VecDeque<DueRun>) {
        let run = |_| {
            let ((answer, waiting), run) = (oneshot::channel(), "run".to_owned());
            (waiting, DueRun { arguments: Arguments::new(Vec::new(), Vec::new()), run, requests, answer })
        };
        (0..runs).map(run).unzip()
    }

    fn past(limit: Limit) -> CallError {
        CallError::LimitExceeded { function: Function::PollMany, exceeded: Limits::default().exceeded(limit) }
    }

    #[test]
    fn as_many_requests_are_reserved_as_the_last_call_took_for_as_many_runs() {
        let mut next = NextCall::default();
        let requests = |next: &NextCall, runs, requests| next.next(&mut due(runs, requests).1).1;
        assert_eq!(requests(&next, 1, 5), 5, "a first poll may search");
        assert_eq!(requests(&next, 200, 5), 10, "some pages for many runs");
        next.answered(4, 200);
        assert_eq!([1, 50, 51, 200].map(|runs| requests(&next, runs, 1)), [1, 1, 2, 4]);
        assert_eq!(requests(&next, 240, 1), 4 + 2);
        assert_eq!(requests(&next, 5, 5), 5);
    }

    #[test]
    fn a_run_that_nobody_waits_for_is_left_out() {
        let (mut waiting, mut runs) = due(3, 1);
        waiting.remove(1);
        assert_eq!(NextCall::default().next(&mut runs), (2, 1));
        assert_eq!(runs.len(), 2);
    }

    #[test]
    fn a_call_that_needed_more_requests_is_made_again_with_twice_as_many() {
        let mut next = NextCall::default();
        assert!(next.may_pass_otherwise(&past(Limit::Requests), 5, true, 200));
        assert_eq!(next.next(&mut due(20, 1).1), (20, 10));
        next.answered(7, 20);
        assert_eq!(next.next(&mut due(20, 1).1), (20, 7));
        assert!(!next.may_pass_otherwise(&past(Limit::Requests), 30, false, 200), "each is polled by itself");
    }

    #[test]
    fn a_call_that_is_too_large_is_made_for_half_of_its_runs_and_then_slowly_for_more() {
        let mut next = NextCall::default();
        assert!(next.may_pass_otherwise(&past(Limit::Memory), 5, true, 200));
        assert_eq!(next.next(&mut due(300, 1).1).0, 100);
        next.answered(1, 99);
        assert_eq!(next.most_runs, 100, "only a full call shows that more may be asked for");
        next.answered(1, 100);
        assert_eq!(next.most_runs, 113);
        assert!(!next.may_pass_otherwise(&past(Limit::Memory), 5, true, 1));
    }

    #[test]
    fn a_call_that_crashed_is_not_made_again() {
        let crashed = CallError::Trapped { function: Function::PollMany, reason: "wasm trap".to_owned() };
        assert!(!NextCall::default().may_pass_otherwise(&crashed, 5, true, 200));
    }
}
