//! Where the runs of pipelines are kept: a database of `SQLite`, each change on the disk before what follows from it is done.

#[cfg(test)]
mod account_tests;
mod database;
#[cfg(test)]
mod database_tests;
mod error;
mod kept;
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
mod report;
mod rows;
mod spending;

pub use database::Store;
pub use error::StoreError;
pub use kept::{
    Attempt, AttemptEnd, AttemptError, AttemptId, Intended, NewTask, PipelineRun, PipelineRunId, TaskRun, TaskRunId,
    Transition,
};
pub use lock::RunLock;
pub use outcome::{Outcome, TaskState};
pub use prune::Pruned;
pub use queue::{Asker, Head};
pub use spending::{Budget, Reservation, Reserved};
