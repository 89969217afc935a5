//! Events of a run of a pipeline.

use std::time::Duration;

use crate::contract::Report;
use crate::store::{Outcome, StoreError};

/// An event of a task. It is in the store before it is reported.
#[derive(Clone, Copy, Debug)]
pub struct TaskEvent<'a> {
    /// The task's index.
    pub task: usize,
    /// The event.
    pub what: What<'a>,
}

/// The event.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// An attempt begins: its trigger is about to be sent.
    Intended {
        /// The number of the attempt, from 1.
        attempt: u32,
    },
    /// The run goes on.
    Running(&'a Report),
    /// A call waits for the rate limit of the account, which all its tasks share.
    Queued {
        /// The number of requests ahead of it in the queue.
        ahead: usize,
        /// The wait until the rate limit allows it, if it is the next.
        wait: Duration,
    },
    /// A write to the store failed, and is retried.
    Stalled {
        /// The error of the store.
        error: &'a StoreError,
        /// The wait.
        wait: Duration,
    },
    /// The run that its trigger started could not be stored. A person can poll it.
    Unwritten {
        /// The run.
        run: &'a str,
    },
    /// A call failed; it is retried, or another attempt follows.
    Retrying {
        /// The error.
        error: &'a str,
        /// The wait.
        wait: Duration,
    },
    /// The outcome of the trigger is unknown; the plugin settles it.
    Unsettled {
        /// The error of the trigger.
        error: &'a str,
        /// The wait before the plugin settles it.
        wait: Duration,
    },
    /// The plugin is asked to cancel the run.
    Cancelling,
    /// The run was not cancelled, because the task was only attached to it.
    NotOurs {
        /// The plugin's error.
        error: &'a str,
    },
    /// The task has ended.
    Ended {
        /// Its outcome.
        outcome: Outcome,
        /// A message in one line.
        message: &'a str,
    },
    /// The task stays as it is stored, for a later `resume`.
    Left {
        /// The error that stopped it, if any.
        error: Option<&'a str>,
    },
}
