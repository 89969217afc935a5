//! The contract between host and plugins (`wit/`): its types, and the validation of descriptors and answers against it.

pub(crate) mod function;
pub(crate) mod origin;
mod types;
pub(crate) mod validate;
pub(crate) mod validate_descriptor;

pub use types::*;
