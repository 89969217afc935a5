//! What a call asked of the network.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Uri};
use tracing::Span;

use super::resolver::Refused;
use crate::egress::policy::denial::{self, Denial};
use crate::egress::request_span::RequestSpan;
use crate::{Exceeded, Origin, Redactor};

/// One request that a plugin sent: what may be shown of it. Neither its query nor its headers are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Where it went.
    pub origin: Origin,
    /// The path without the query, cut after 256 bytes.
    pub path: String,
    /// The status that came back, or in words why none did or its body did not.
    pub outcome: Result<u16, String>,
    /// Whether it is certain that nothing of it left, because there was no connection.
    pub never_left: bool,
    /// Why no answer came, or not all of it, where the host knows more of that than an error code of wasi:http can say.
    pub reason: Option<String>,
}

/// The books of one call, shared by all its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog {
    books: Arc<Mutex<RequestRecords>>,
    /// Hides secrets before anything is cut.
    pub(crate) redactor: Redactor,
}

/// What a call asked of the network, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct RequestRecords {
    /// The requests in the order in which they left.
    pub(crate) requests: Vec<Request>,
    pub(crate) denied: BTreeSet<Denial>,
    /// The limits that peers went past.
    pub(crate) exceeded: Vec<Exceeded>,
}

/// The entry of one request in the books.
#[derive(Debug)]
pub(crate) struct Entry {
    traffic: RequestLog,
    index: usize,
    /// Open for as long as the entry is.
    span: RequestSpan,
}

impl RequestLog {
    /// Empty books, which hold no secret.
    pub(crate) fn new(redactor: Redactor) -> Self {
        Self { books: Arc::default(), redactor }
    }

    /// Notes a request of a call that is let out.
    pub(super) fn begin(&self, call: &Span, method: &Method, origin: Origin, uri: &Uri) -> Entry {
        let request = Request {
            method: denial::kept(method.as_str(), &self.redactor),
            origin,
            path: denial::kept(uri.path(), &self.redactor),
            outcome: Err("no answer before the call ended".to_owned()),
            never_left: false,
            reason: None,
        };
        let span = RequestSpan::new(call, &request, &self.redactor);
        let mut books = self.books();
        books.requests.push(request);
        Entry { traffic: self.clone(), index: books.requests.len() - 1, span }
    }

    /// Notes a request that is not let out.
    pub(super) fn deny(&self, denial: Denial) {
        self.books().denied.insert(denial.kept(&self.redactor));
    }

    /// Notes that a peer went past a limit.
    pub(super) fn exceed(&self, exceeded: Exceeded) {
        let mut books = self.books();
        if !books.exceeded.contains(&exceeded) {
            books.exceeded.push(exceeded);
        }
    }

    /// Closes the books.
    pub(crate) fn close(&self) -> RequestRecords {
        std::mem::take(&mut *self.books())
    }

    fn books(&self) -> MutexGuard<'_, RequestRecords> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Notes that the request was let out and not connected, because of an address of its origin.
    pub(super) fn deny(&self, Refused { address, class }: Refused) {
        let mut books = self.traffic.books();
        if let Some(origin) = books.requests.get(self.index).map(|request| request.origin.clone()) {
            books.denied.insert(Denial::Address { origin, address, class });
        }
    }

    /// Notes that nothing of the request left, and why.
    pub(super) fn never_left(&self, reason: String) {
        if let Some(request) = self.traffic.books().requests.get_mut(self.index) {
            request.outcome = Err(reason.clone());
            request.reason = Some(reason);
            request.never_left = true;
        }
    }

    /// Notes how the request went; the last word counts.
    pub(super) fn end(&self, outcome: Result<u16, String>) {
        match &outcome {
            Ok(status) => self.span.responded(*status),
            Err(reason) => self.span.failed(&self.traffic.redactor.text(reason)),
        }
        // Taken books have no entry any more: what comes in after the call concerns nobody.
        if let Some(request) = self.traffic.books().requests.get_mut(self.index) {
            request.outcome = outcome;
        }
    }

    /// Notes that the peer went past a limit.
    pub(super) fn exceed(&self, exceeded: Exceeded) {
        self.explain(format!("it went past {exceeded}"));
        self.traffic.exceed(exceeded);
    }

    /// Notes why the request went as it did.
    pub(super) fn explain(&self, reason: String) {
        if let Some(request) = self.traffic.books().requests.get_mut(self.index) {
            request.reason = Some(reason);
        }
    }
}
