//! `host-harness pipeline`

pub(crate) mod check;
mod plan;
mod progress;
mod progress_board;
pub(crate) mod resume;
pub(crate) mod run;
mod run_set;
