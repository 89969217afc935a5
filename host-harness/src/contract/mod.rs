//! The contract between host and plugins (`wit/`): its types, and whether what a plugin says of itself and answers keeps to it.

pub(crate) mod function;
pub(crate) mod origin;
mod types;
pub(crate) mod validate;
pub(crate) mod validate_descriptor;

pub use types::*;
