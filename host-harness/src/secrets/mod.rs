//! Secrets: reading them, the placeholders that stand for them, and their redaction in everything that is shown.
//!
//! One matcher finds secrets, in echoes and in output. `Debug` and `Display` never show one, and its memory is
//! overwritten when it is dropped.

pub(crate) mod encoded_text;
pub(crate) mod escapes;
pub(crate) mod matcher;
#[cfg(all(test, target_os = "linux"))]
mod memory_tests;
pub(crate) mod placeholder;
pub(crate) mod redact;
pub(crate) mod reference;
pub(crate) mod sanitize;
pub(crate) mod secret;
pub(crate) mod stored_text;
