//! `host-harness pipeline`

pub(crate) mod check;
mod plan;
