//! The contract between host and plugins (`wit/`): its types, and the validation of descriptors and answers against it.
//!
//! The types are generated and nothing mirrors them. No answer reaches a caller before it is validated.

pub(crate) mod function;
pub(crate) mod origin;
mod request_budget;
#[cfg(test)]
pub(crate) mod sample;
mod types;
pub(crate) mod validate;
pub(crate) mod validate_descriptor;

pub use types::*;
