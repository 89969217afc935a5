//! The span of one request, from its start to the end of the response's body.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{Span, field, info_span};

use crate::Redactor;
use crate::egress::Request;
use crate::spans::{self, CallSpan};

/// A request's span, made and ended with the subscriber of its call: the plugin, and so its requests, run without one.
#[derive(Debug)]
pub(super) struct RequestSpan {
    call: CallSpan,
    /// None once it has ended.
    span: Option<Span>,
    has_outcome: AtomicBool,
}

impl RequestSpan {
    /// Begins the span of a request, within that of its call.
    pub(super) fn new(call: &CallSpan, request: &Request, redactor: &Redactor) -> Self {
        let span = call.subscribed(|parent| {
            info_span!(
                parent: parent.id(),
                "request",
                "http.request.method" = request.method,
                "url.scheme" = request.origin.scheme(),
                "server.address" = redactor.text(&request.origin.host().to_string()),
                "server.port" = request.origin.port(),
                "url.path" = request.path,
                "http.response.status_code" = field::Empty,
                "error.type" = field::Empty,
            )
        });
        Self { call: call.clone(), span: Some(span), has_outcome: AtomicBool::new(false) }
    }

    /// Records the status of the response.
    pub(super) fn responded(&self, status: u16) {
        self.record(|span| _ = span.record("http.response.status_code", status));
    }

    /// Records why no response came, or not all of it: redacted already.
    pub(super) fn failed(&self, reason: &str) {
        self.record(|span| spans::failed(span, reason));
    }

    fn record(&self, outcome: impl FnOnce(&Span)) {
        self.has_outcome.store(true, Ordering::Relaxed);
        if let Some(span) = &self.span {
            outcome(span);
        }
    }
}

impl Drop for RequestSpan {
    /// Ends the span with its subscriber as the current one: only then does it release the span around it.
    fn drop(&mut self) {
        if !*self.has_outcome.get_mut() {
            self.failed("no answer before the call ended");
        }
        let span = self.span.take();
        self.call.subscribed(|_| drop(span));
    }
}
