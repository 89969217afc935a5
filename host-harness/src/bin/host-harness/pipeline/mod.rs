//! `host-harness pipeline`

pub(crate) mod check;
mod plan;
mod progress;
pub(crate) mod run;
