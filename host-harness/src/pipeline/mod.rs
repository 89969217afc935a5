//! Pipelines: tasks of several tools, what each comes after, and what they are made of.
//!
//! [`Definition::open`] reads and checks the file, [`Definition::load`] makes its tasks ready to be started. Neither starts
//! anything.

mod connection;
mod definition;
mod file;
#[cfg(test)]
mod file_tests;
mod flaws;
mod graph;
mod load;
mod problem;
mod ready;
mod source;
mod suggestion;
mod table;
mod task;
mod unfit;
mod value;

pub use definition::{ConnectionDefinition, Definition, Entry, OnFailure, TaskDefinition};
pub use problem::{Place, Problem, Problems};
pub use ready::{ReadyPipeline, ReadyTask};
