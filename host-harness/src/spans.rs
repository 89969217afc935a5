//! Tracing: the spans of calls, requests and transitions, for the program's [`tracing`] subscriber, if it has one.
//!
//! A field has OpenTelemetry's name where there is one (<https://opentelemetry.io/docs/specs/semconv/>). What a plugin or a tool wrote
//! is redacted and cut before it becomes a field; messages, reports and runs never do.

use std::fmt::Display;

use tracing::{Span, field, info_span};

/// The most that a field holds of a text, in bytes: a plugin can make an error's code as long as it likes.
const LONGEST: usize = 256;

/// A run that is triggered or taken up, and watched to its end.
pub(crate) fn watch() -> Span {
    info_span!("watch")
}

/// The loading of a component: compiled, or from the compile cache.
pub(crate) fn load(sha256: &str) -> Span {
    info_span!("load", "plugin.sha256" = sha256, "cache.hit" = false)
}

/// Records that the component of this span was in the compile cache.
pub(crate) fn found_in_cache(span: &Span) {
    span.record("cache.hit", true);
}

/// One call of a plugin.
pub(crate) fn call(sha256: &str, function: impl Display) -> Span {
    info_span!("call", "plugin.sha256" = sha256, "plugin.function" = %function, "error.type" = field::Empty)
}

/// Records why a call, a request or a transition failed: by a code, redacted already.
pub(crate) fn failed(span: &Span, code: &str) {
    span.record("error.type", &code[..code.floor_char_boundary(LONGEST)]);
}

/// A run of a pipeline, as far as this process takes it.
#[cfg(feature = "pipeline")]
pub(crate) fn pipeline_run(id: i64, name: &str) -> Span {
    info_span!("pipeline", "pipeline.run.id" = id, "pipeline.name" = name)
}

/// A task of it, likewise.
#[cfg(feature = "pipeline")]
pub(crate) fn task(id: i64, name: &str, plugin: &str) -> Span {
    info_span!("task", "task.run.id" = id, "task.name" = name, "plugin.name" = plugin)
}

/// A change of a task's state, until it is on the disk. `attempt` is its last; 0 where there is none yet.
#[cfg(feature = "pipeline")]
pub(crate) fn transition(pipeline_run: i64, task: i64, attempt: i64, from: &str, to: &str) -> Span {
    info_span!(
        "transition",
        "pipeline.run.id" = pipeline_run,
        "task.run.id" = task,
        "task.attempt" = attempt,
        "task.state.from" = from,
        "task.state.to" = to,
        "error.type" = field::Empty,
    )
}
