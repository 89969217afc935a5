//! `host-harness pipeline`

mod board;
pub(crate) mod check;
mod group;
mod plan;
mod progress;
pub(crate) mod resume;
pub(crate) mod run;
