//! Pipelines: tasks of several tools, what each comes after, and what they are made of.
//!
//! [`Definition::open`] reads and checks the file, [`Definition::load`] makes its tasks ready to be started. Neither starts
//! anything.

pub(crate) mod account;
#[cfg(test)]
mod account_tests;
mod backoff;
mod connection;
mod definition;
mod event;
mod file;
#[cfg(test)]
mod file_tests;
mod flaws;
mod graph;
mod intent;
mod journal;
mod lease;
mod load;
mod problem;
mod ready;
mod runner;
mod schedule;
mod source;
mod stage;
mod start;
mod suggestion;
mod table;
mod task;
mod task_run;
mod unfit;
mod value;
mod watched_run;
mod wish;

pub use account::Accounts;
pub use definition::{ConnectionDefinition, Definition, Entry, OnFailure, TaskDefinition};
pub use event::{TaskEvent, What};
pub use journal::Halt;
pub use problem::{Place, Problem, Problems};
pub use ready::{ReadyPipeline, ReadyTask};
pub use runner::{Patience, PipelineEnd, Runner};
