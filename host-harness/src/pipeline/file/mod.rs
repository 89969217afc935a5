//! Pipeline files: parsed, checked with diagnostics, and resolved to plugins that are ready to be called.
//!
//! Everything is checked before anything starts, and an excerpt in a diagnostic shows no value that may be a secret.

pub(crate) mod connection;
pub(crate) mod definition;
pub(crate) mod diagnostics;
pub(crate) mod graph;
pub(crate) mod input_diagnostics;
pub(crate) mod load;
pub(crate) mod parser;
#[cfg(test)]
mod parser_tests;
pub(crate) mod problem;
pub(crate) mod resolved;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod task;
pub(crate) mod value;
