//! The span of one request, from its start to the end of the response's body.

use tracing::span::Id;
use tracing::{Dispatch, Span, dispatcher, field, info_span};

use crate::egress::Request;
use crate::{Redactor, spans};

/// A span that is told to the subscriber of its call, wherever it begins and ends: around a plugin there is none.
#[derive(Debug)]
pub(super) struct RequestSpan(Span);

impl RequestSpan {
    /// Of a request that begins, within that of the call.
    pub(super) fn new(call: &Span, request: &Request, redactor: &Redactor) -> Self {
        let within = |call: &Id| {
            info_span!(
                parent: call,
                "request",
                "http.request.method" = request.method,
                "url.scheme" = request.origin.scheme(),
                "server.address" = redactor.text(&request.origin.host().to_string()),
                "server.port" = request.origin.port(),
                "url.path" = request.path,
                "http.response.status_code" = field::Empty,
                "error.type" = field::Empty,
            )
        };
        let told = |(call, subscriber): (&Id, &Dispatch)| dispatcher::with_default(subscriber, || within(call));
        Self(call.with_subscriber(told).unwrap_or_else(Span::none))
    }

    /// Notes the status that came back.
    pub(super) fn responded(&self, status: u16) {
        self.0.record("http.response.status_code", status);
    }

    /// Notes why no response came, or not all of it: redacted already.
    pub(super) fn failed(&self, reason: &str) {
        spans::failed(&self.0, reason);
    }
}

impl Drop for RequestSpan {
    /// With its subscriber at hand: it is there that a span's end lets go of the span around it.
    fn drop(&mut self) {
        let span = std::mem::replace(&mut self.0, Span::none());
        if let Some(subscriber) = span.with_subscriber(|(_, subscriber)| subscriber.clone()) {
            dispatcher::with_default(&subscriber, || drop(span));
        }
    }
}
