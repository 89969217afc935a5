//! What happens to a pipeline, told while it happens.

use std::time::Duration;

use crate::contract::Report;
use crate::store::{Outcome, StoreError};

/// Something happened to a task. What it says is in the store already.
#[derive(Clone, Copy, Debug)]
pub struct TaskEvent<'a> {
    /// The task, by its index.
    pub task: usize,
    /// What happened.
    pub what: What<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// An attempt begins: its trigger is about to be sent.
    Intended {
        /// Which attempt; the first is 1.
        attempt: u32,
    },
    /// The run goes on.
    Running(&'a Report),
    /// It waits for its turn, so that all tasks of one account together keep to what the tool allows.
    Queued {
        /// How many others are before it.
        ahead: usize,
        /// How long until the account may be asked again, where it is the next.
        wait: Duration,
    },
    /// What happened to it cannot be written down, which is tried again.
    Stalled {
        /// What is wrong with the store.
        error: &'a StoreError,
        /// How long is waited.
        wait: Duration,
    },
    /// What became of its trigger could not be written down. A person can go on with it.
    Unwritten {
        /// The run that it started.
        run: &'a str,
    },
    /// A call failed, and it or another attempt is made later.
    Retrying {
        /// What failed.
        error: &'a str,
        /// How long is waited.
        wait: Duration,
    },
    /// Nobody knows whether the trigger started a run; the plugin finds out.
    Unsettled {
        /// What happened to the trigger.
        error: &'a str,
        /// How long is waited before.
        wait: Duration,
    },
    /// The plugin is asked to cancel the run.
    Cancelling,
    /// The run was not cancelled, because the task was only attached to it.
    NotOurs {
        /// What the plugin says.
        error: &'a str,
    },
    /// The task has ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// In a line.
        message: &'a str,
    },
    /// The task is left as it stands, to be taken up by a later `resume`.
    Left {
        /// What kept this one from it.
        error: Option<&'a str>,
    },
}
