//! Inputs of a plugin's calls: from raw text to the typed values that its descriptor asks for.
//!
//! What does not fit is refused before the plugin is called. Secrets stay apart from plain values.

#[cfg(any(feature = "conformance", feature = "pipeline"))]
pub(crate) mod advice;
pub(crate) mod arguments;
pub(crate) mod input_error;
pub(crate) mod resolve;
#[cfg(any(feature = "conformance", feature = "pipeline"))]
pub(crate) mod suggestion;
