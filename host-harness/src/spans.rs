//! Tracing: the spans of calls, requests and transitions, for the program's [`tracing`] subscriber, if it has one.
//!
//! A field has OpenTelemetry's name where there is one (<https://opentelemetry.io/docs/specs/semconv/>). What a plugin or a tool wrote
//! is redacted and cut before it becomes a field; messages, reports and runs never do.

use std::fmt::Display;

use tracing::instrument::{Instrument, WithSubscriber};
use tracing::{Dispatch, Span, dispatcher, field, info_span};

/// The greatest length of a text in a field, in bytes: a plugin can make an error's code as long as it likes.
const LONGEST: usize = 256;

/// Carries work to another thread together with the current span and subscriber, to which its spans and events belong.
pub(crate) fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let (span, subscriber) = (Span::current(), dispatcher::get_default(Clone::clone));
    move || dispatcher::with_default(&subscriber, || span.in_scope(work))
}

/// A run that is triggered or taken up, and watched to its end.
pub(crate) fn watch() -> Span {
    info_span!("watch")
}

/// The loading of a component: compiled, or from the compile cache.
pub(crate) fn load(sha256: &str) -> Span {
    info_span!("load", "plugin.sha256" = sha256, "cache.hit" = field::Empty)
}

/// Records, in the span of its loading, whether the component was in the compile cache.
pub(crate) fn cache_hit(hit: bool) {
    Span::current().record("cache.hit", hit);
}

/// The span of one call of a plugin, and the subscriber that it is for.
#[derive(Clone, Debug)]
pub(crate) struct CallSpan {
    span: Span,
    subscriber: Dispatch,
}

impl CallSpan {
    /// Begins the span, for the current subscriber.
    pub(crate) fn new(sha256: &str, function: impl Display) -> Self {
        let span =
            info_span!("call", "plugin.sha256" = sha256, "plugin.function" = %function, "error.type" = field::Empty);
        Self { span, subscriber: dispatcher::get_default(Clone::clone) }
    }

    /// Runs a call within the span, and without a subscriber: wasmtime's own spans hold a plugin's arguments in the clear.
    pub(crate) fn unobserved<T>(&self, call: impl Future<Output = T>) -> impl Future<Output = T> {
        call.with_subscriber(Dispatch::none()).instrument(self.span.clone())
    }

    /// Runs something with the subscriber of the call, from wherever.
    pub(crate) fn subscribed<T>(&self, observed: impl FnOnce(&Span) -> T) -> T {
        dispatcher::with_default(&self.subscriber, || observed(&self.span))
    }

    /// Records why the call failed: by a code, redacted already.
    pub(crate) fn failed(&self, code: &str) {
        failed(&self.span, code);
    }
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
