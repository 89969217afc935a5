//! The conformance report: the result of each check.

pub(crate) mod checked;
pub(crate) mod conformance;
pub(crate) mod results;
