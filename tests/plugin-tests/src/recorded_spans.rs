//! A subscriber of `tracing` that records every span and event, with all their fields.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

/// A span or an event.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The module or the library that it is of.
    pub target: &'static str,
    /// The span's or the event's name.
    pub name: &'static str,
    /// The names of the spans around it, the outermost first.
    pub within: Vec<&'static str>,
    fields: Vec<(&'static str, String)>,
    id: u64,
}

impl Recorded {
    fn of(metadata: &Metadata<'static>, within: Vec<&'static str>) -> Self {
        Self { target: metadata.target(), name: metadata.name(), within, ..Self::default() }
    }

    /// A field's last value.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().rev().find(|(of, _)| *of == name).map_or("", |(_, value)| value)
    }
}

impl Visit for Recorded {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push((field.name(), value.to_owned()));
    }
}

/// What was recorded.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Recorded>>>);

impl Recorder {
    /// Records what this thread does for as long as the guard is kept.
    #[must_use]
    pub fn start() -> (Self, subscriber::DefaultGuard) {
        let recorder = Self::default();
        let guard = subscriber::set_default(Registry::default().with(recorder.clone()));
        (recorder, guard)
    }

    /// All of it, in the order in which it began.
    pub fn all(&self) -> Vec<Recorded> {
        self.0.lock().expect("no panic").clone()
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let around = context.span(id).into_iter().flat_map(|span| span.scope().from_root()).map(|span| span.name());
        let mut within: Vec<_> = around.collect();
        within.pop();
        let mut recorded = Recorded { id: id.into_u64(), ..Recorded::of(attributes.metadata(), within) };
        attributes.record(&mut recorded);
        self.0.lock().expect("no panic").push(recorded);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut all = self.0.lock().expect("no panic");
        // An id is given again once its span has ended.
        if let Some(span) = all.iter_mut().rev().find(|span| span.id == id.into_u64()) {
            values.record(span);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let around = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        let mut recorded = Recorded::of(event.metadata(), around.map(|span| span.name()).collect());
        event.record(&mut recorded);
        self.0.lock().expect("no panic").push(recorded);
    }
}
