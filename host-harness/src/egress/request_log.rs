//! The request log of a call: requests, denials and limits that peers passed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Method, Uri};

use super::resolver::Refused;
use crate::egress::policy::denial::{self, Denial};
use crate::egress::request_span::RequestSpan;
use crate::spans::CallSpan;
use crate::{Exceeded, Origin, Redactor};

/// A request that a plugin sent, without secrets. Neither its query nor its headers are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Its target.
    pub origin: Origin,
    /// The path without the query, cut after 256 bytes.
    pub path: String,
    /// The response's status, or in words why no response came or its body broke off.
    pub outcome: Result<u16, String>,
    /// True if certainly nothing of it was sent, because there was no connection.
    pub never_left: bool,
    /// The reason for a missing or incomplete response, where the host knows more than the error code of wasi:http.
    pub reason: Option<String>,
}

/// The request log of one call, shared by all its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog {
    records: Arc<Mutex<RequestRecords>>,
    /// Redacts texts before they are cut.
    pub(crate) redactor: Redactor,
}

/// The records of a finished log.
#[derive(Debug, Default)]
pub(crate) struct RequestRecords {
    /// The requests in the order in which they were sent.
    pub(crate) requests: Vec<Request>,
    pub(crate) denied: BTreeSet<Denial>,
    /// The limits that peers passed.
    pub(crate) exceeded: Vec<Exceeded>,
}

/// One request's entry in the log.
#[derive(Debug)]
pub(crate) struct Entry {
    request_log: RequestLog,
    index: usize,
    /// Open for as long as the entry is.
    span: RequestSpan,
}

impl RequestLog {
    /// An empty log.
    pub(crate) fn new(redactor: Redactor) -> Self {
        Self { records: Arc::default(), redactor }
    }

    /// Logs a request of a call that is let out.
    pub(super) fn begin(&self, call: &CallSpan, method: &Method, origin: Origin, uri: &Uri) -> Entry {
        let request = Request {
            method: denial::kept(method.as_str(), &self.redactor),
            origin,
            path: denial::kept(uri.path(), &self.redactor),
            outcome: Err("no answer before the call ended".to_owned()),
            never_left: false,
            reason: None,
        };
        let span = RequestSpan::new(call, &request, &self.redactor);
        let mut records = self.records();
        records.requests.push(request);
        Entry { request_log: self.clone(), index: records.requests.len() - 1, span }
    }

    /// Logs a request that is denied.
    pub(super) fn deny(&self, denial: Denial) {
        self.records().denied.insert(denial.kept(&self.redactor));
    }

    /// Logs a limit that a peer passed.
    pub(super) fn exceed(&self, exceeded: Exceeded) {
        let mut records = self.records();
        if !records.exceeded.contains(&exceeded) {
            records.exceeded.push(exceeded);
        }
    }

    /// Closes the log.
    pub(crate) fn close(&self) -> RequestRecords {
        std::mem::take(&mut *self.records())
    }

    fn records(&self) -> MutexGuard<'_, RequestRecords> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Logs that the request was denied on connecting, because of an address of its origin.
    pub(super) fn deny(&self, Refused { address, class }: Refused) {
        let mut records = self.request_log.records();
        if let Some(origin) = records.requests.get(self.index).map(|request| request.origin.clone()) {
            records.denied.insert(Denial::Address { origin, address, class });
        }
    }

    /// Logs that nothing of the request was sent, and why.
    pub(super) fn never_left(&self, reason: String) {
        if let Some(request) = self.request_log.records().requests.get_mut(self.index) {
            request.outcome = Err(reason.clone());
            request.reason = Some(reason);
            request.never_left = true;
        }
    }

    /// Logs the request's outcome; the last one counts.
    pub(super) fn end(&self, outcome: Result<u16, String>) {
        match &outcome {
            Ok(status) => self.span.responded(*status),
            Err(reason) => self.span.failed(&self.request_log.redactor.text(reason)),
        }
        // A closed log has no entries any more: the call is over, so nobody needs the outcome.
        if let Some(request) = self.request_log.records().requests.get_mut(self.index) {
            request.outcome = outcome;
        }
    }

    /// Logs a limit that the peer passed.
    pub(super) fn exceed(&self, exceeded: Exceeded) {
        self.explain(format!("it went past {exceeded}"));
        self.request_log.exceed(exceeded);
    }

    /// Logs the reason for the outcome.
    pub(super) fn explain(&self, reason: String) {
        if let Some(request) = self.request_log.records().requests.get_mut(self.index) {
            request.reason = Some(reason);
        }
    }
}
