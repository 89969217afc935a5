//! The seam between the core and the network.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::base_url::BaseUrl;
use crate::status::Status;

/// Sends one request and waits for its answer.
///
/// The component's implementation speaks wasi:http; native tests script the answers.
pub trait Http {
    /// Sends `request` exactly once.
    fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError>;
}

/// What to do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read it.
    Get,
    /// Start it.
    Post,
    /// Put it in place.
    Put,
    /// Change it.
    Patch,
    /// Stop it.
    Delete,
}

/// One request.
#[derive(Clone)]
pub struct Request<'a> {
    /// What to do.
    pub method: Method,
    /// Where the API is.
    pub base_url: &'a BaseUrl,
    /// The resource: a path with its query, to be appended to the base URL.
    pub path: String,
    /// The headers but for `Content-Length`. They may hold a secret.
    pub headers: Vec<(&'static str, String)>,
    /// JSON, or empty.
    pub body: String,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of the answer.
    pub status: Status,
    /// Its `Date` header.
    pub date: Option<String>,
    /// How long after the request was made its head came, in milliseconds.
    pub after_ms: u64,
    /// Its `Location` header: where a redirect leads.
    pub location: Option<String>,
    /// Its `Content-Encoding` header, which says that the body is compressed.
    pub encoding: Option<String>,
    /// Its `Retry-After` header.
    pub retry_after: Option<String>,
    /// As much of its body as arrived.
    pub body: Vec<u8>,
    /// Why that is not the whole body, where it is not: it was cut off, stalled or was too large to keep.
    pub cut: Option<SendError>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The host did not let the request out.
    Denied,
    /// The server was never reached, so nothing took effect. The text says what stood in the way.
    NotSent(String),
    /// The request may have been received, and no whole answer came back. The text says what was seen.
    NoAnswer(String),
    /// The same, and what came is no answer that could be taken, nor will the next be. The text says why.
    Unusable(String),
    /// The host failed, and may have sent the request. The text is the host's own, where it has any.
    HostFailed(Option<String>),
}

impl SendError {
    /// The body of an answer ended before its end.
    pub fn broke_off() -> Self {
        Self::NoAnswer("its answer broke off".to_owned())
    }
}
