//! The runs of an account that are due to be polled, gathered by connection.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::oneshot;

use crate::contract::{ErrorKind, Progress};
use crate::pipeline::run::next_call::{NextCall, exceeds_share};
use crate::pipeline::run::rate_limit::Account;
use crate::{Arguments, CallError, Plugin};

/// The error code of a run that a call did not get to, by the contract.
const NOT_REACHED: &str = "not_reached";

/// The result of a run's poll.
pub(crate) type Outcome = Result<Progress, CallError>;

/// The runs of an account that are due to be polled, by connection. A connection that nobody polls is forgotten, with its secrets.
#[derive(Debug, Default)]
pub(crate) struct DueRuns {
    connections: Mutex<Vec<Weak<Gathering>>>,
    /// Held by the task that leads.
    pub(crate) next_call: tokio::sync::Mutex<NextCall>,
}

/// The runs of one connection that are due.
#[derive(Debug)]
pub(crate) struct Gathering {
    plugin: Plugin,
    arguments: Arguments,
    due: Mutex<VecDeque<DueRun>>,
}

/// A run that is due, and its task, which waits.
#[derive(Debug)]
pub(crate) struct DueRun {
    pub(crate) arguments: Arguments,
    pub(crate) run: String,
    /// The requests that its own poll is expected to need.
    pub(crate) requests: u32,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What a run is told that was due.
#[derive(Debug)]
pub(crate) enum Answer {
    Polled(Outcome),
    /// The call for all failed: it is to be polled by itself, so that it cannot fail for others again.
    Alone,
}

impl DueRuns {
    /// The gathering of a connection.
    pub(crate) fn of(&self, plugin: &Plugin, arguments: &Arguments) -> Arc<Gathering> {
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
    pub(crate) fn due(&self) -> MutexGuard<'_, VecDeque<DueRun>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a run. Where the receiver of its answer is dropped, it is left out of the next call.
    pub(crate) fn join(&self, arguments: &Arguments, run: &str, requests: u32) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let run = DueRun { arguments: arguments.clone(), run: run.to_owned(), requests, answer };
        self.due().push_back(run);
        answered
    }

    /// Takes the runs of the next call: those that have waited longest.
    pub(crate) fn take(&self, most: usize) -> Vec<DueRun> {
        let mut due = self.due();
        due.retain(|run| !run.answer.is_closed());
        let taken = due.len().min(most);
        due.drain(..taken).collect()
    }

    pub(crate) fn put_back(&self, runs: Vec<DueRun>) {
        let mut due = self.due();
        runs.into_iter().rev().for_each(|run| due.push_front(run));
    }

    /// Polls runs in one call of at most so many requests that count. Returns an outcome for each, or the error that says nothing
    /// of any, and the number of those requests.
    pub(crate) async fn call(
        &self,
        account: &Account,
        runs: &[DueRun],
        requests: u32,
    ) -> (Result<Vec<Outcome>, CallError>, u32) {
        let plugin = account.share(&self.plugin, requests);
        if let [only] = runs {
            let call = plugin.poll(&only.arguments, &only.run).await;
            let outcome = match call.outcome {
                Err(error) if requests < account.most() && exceeds_share(&error, requests) => Err(error),
                outcome => Ok(vec![outcome]),
            };
            return (outcome, account.counted(&call.requests));
        }
        let runs: Vec<_> = runs.iter().map(|run| (&run.arguments, &*run.run)).collect();
        let call = plugin.poll_many(&runs).await;
        (call.outcome, account.counted(&call.requests))
    }
}

/// True if a call did not get to a run, which the next one is to begin with.
pub(crate) fn is_not_reached(outcome: &Outcome) -> bool {
    let error = outcome.as_ref().err().and_then(CallError::task_error);
    error.is_some_and(|error| error.kind == ErrorKind::Unavailable && error.code == NOT_REACHED)
}
