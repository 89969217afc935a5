//! Inputs of a plugin's calls: from raw text to the typed values that its descriptor asks for.

pub(crate) mod arguments;
pub(crate) mod input_error;
pub(crate) mod resolve;
