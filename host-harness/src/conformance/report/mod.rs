//! The conformance report: the result of each check.
//!
//! A check that was never made has not passed.

pub(crate) mod checked;
pub(crate) mod conformance;
pub(crate) mod results;
pub(crate) mod scene;
