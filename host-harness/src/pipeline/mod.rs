//! Pipelines: tasks of several tools, what each comes after, and what they are made of.
//!
//! [`Definition::open`] reads and checks the file, [`Definition::load`] makes its tasks ready to be started. Neither starts
//! anything.

pub(crate) mod file;
pub(crate) mod run;

pub use file::definition::{ConnectionDefinition, Definition, Entry, OnFailure, TaskDefinition};
pub use file::problem::{Diagnostic, Diagnostics, Place};
pub use file::resolved::{ResolvedPipeline, ResolvedTask};
pub use run::event::{TaskEvent, What};
pub use run::journal::RunnerError;
pub use run::pipeline::{Pipeline, ResumeError, RunOptions};
pub use run::rate_limit::Accounts;
pub use run::runner::PipelineEnd;
