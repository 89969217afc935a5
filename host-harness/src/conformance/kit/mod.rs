//! Conformance kits: a plugin author's description of the tool.
//!
//! A kit only describes the tool's answers. The checks decide what is right.

pub(crate) mod ages;
pub(crate) mod body_files;
pub(crate) mod called;
pub(crate) mod completeness;
pub(crate) mod exchange;
pub(crate) mod expected;
pub(crate) mod file;
pub(crate) mod named_request;
pub(crate) mod pattern;
pub(crate) mod required_situations;
pub(crate) mod run_format;
pub(crate) mod situation;
pub(crate) mod value_problems;
pub(crate) mod values;
