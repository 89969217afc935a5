//! Conformance checks: compare what a plugin did with the contract, without I/O.
//!
//! Each has a plugin in `tests/host/nonconforming-plugins` that fails it.

pub(crate) mod advice;
pub(crate) mod agreement;
pub(crate) mod check;
pub(crate) mod conduct;
pub(crate) mod described;
pub(crate) mod foreign_run;
pub(crate) mod form;
pub(crate) mod omission;
pub(crate) mod summary;
pub(crate) mod verdicts;
pub(crate) mod wrong_input;
