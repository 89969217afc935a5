//! The store of pipeline runs: an `SQLite` database. Each change is on the disk before anything relies on it.
//!
//! Writes of a run check its fencing epoch: a process that lost the run to another one writes nothing more of it.

#[cfg(test)]
mod account_tests;
mod budget;
mod database;
#[cfg(test)]
mod database_tests;
mod error;
mod lock;
mod open;
mod outcome;
mod ownership;
#[cfg(all(test, target_os = "linux"))]
mod place_tests;
mod prune;
#[cfg(test)]
mod prune_tests;
mod queue;
mod records;
mod report;
mod rows;

pub use budget::{Budget, Reservation, Reserved};
pub use database::Store;
pub use error::StoreError;
pub use lock::RunLock;
pub use outcome::{Outcome, TaskState};
pub use prune::Pruned;
pub use queue::{Asker, Head};
pub use records::{
    Attempt, AttemptEnd, AttemptError, AttemptId, Intended, NewTask, PipelineRun, PipelineRunId, TaskRun, TaskRunId,
    Transition,
};
