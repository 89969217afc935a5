//! What the tests of plugins share.

#![allow(clippy::missing_panics_doc, reason = "a panic ends a test, as it is meant to")]

pub mod artifact;
pub mod conformance;
pub mod odd_json;
pub mod outcome;
pub mod recorded_spans;
pub mod simulated_time;
