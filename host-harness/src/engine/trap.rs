//! Traps: why the engine ended a plugin.

use wasmtime::component::ResourceTableError;
use wasmtime::{Error, Trap};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi_http::FieldMapError;

use crate::Limit;

/// The limit behind an engine error, where the engine itself enforces it.
pub(crate) fn limit(error: &Error) -> Option<Limit> {
    if let Some(Trap::StackOverflow) = error.downcast_ref() {
        return Some(Limit::Stack);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some(Limit::Handles);
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) = error.downcast_ref() {
        return Some(Limit::RequestHeaders);
    }
    // The other limits have no error types. For each text a test has a plugin that passes the limit.
    let cause = error.root_cause().to_string();
    TEXTS.iter().find(|(text, _)| cause.contains(text)).map(|(_, limit)| *limit)
}

/// The reason for a trap, in words.
pub(crate) fn reason(error: &Error) -> String {
    match error.downcast_ref() {
        Some(I32Exit(status)) => format!("it exited with status {status}"),
        None => error.root_cause().to_string(),
    }
}

/// The engine's messages for limits without an error type.
const TEXTS: [(&str, Limit); 6] = [
    ("store handle limit exceeded", Limit::Handles),
    ("fuel allocated for hostcalls has been exhausted", Limit::Answer),
    ("requested len ", Limit::Random),
    ("resource limit exceeded: instance count too high", Limit::Instances),
    ("resource limit exceeded: table count too high", Limit::Tables),
    ("resource limit exceeded: memory count too high", Limit::Memories),
];
