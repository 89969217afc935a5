//! HTTP requests and answers, and the seam between a plugin's core and the network.

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

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads a resource.
    Get,
    /// Starts something.
    Post,
    /// Replaces a resource.
    Put,
    /// Changes a resource.
    Patch,
    /// Stops or removes a resource.
    Delete,
}

/// An HTTP request.
#[derive(Clone)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The base URL of the API.
    pub base_url: &'a BaseUrl,
    /// The path and the query, to be appended to the base URL.
    pub path: String,
    /// The headers except `Content-Length`. They may hold a secret.
    pub headers: Vec<(&'static str, String)>,
    /// The body: JSON, or empty.
    pub body: String,
}

/// An HTTP response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: Status,
    /// The `Date` header.
    pub date: Option<String>,
    /// Milliseconds from sending the request until the head of the response came.
    pub after_ms: u64,
    /// The `Location` header: the target of a redirect.
    pub location: Option<String>,
    /// The `Content-Encoding` header, which says that the body is compressed.
    pub encoding: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The body, as much of it as arrived.
    pub body: Vec<u8>,
    /// The reason why that is not the whole body, if it is not: it was cut off, stalled or was too large to keep.
    pub cut: Option<SendError>,
}

/// The error of a request without a whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The host denied the request: its egress policy does not allow it.
    Denied,
    /// The request was not sent, so nothing took effect. The text says why.
    NotSent(String),
    /// The request may have been received, and no whole answer came. The text says what happened instead.
    NoAnswer(String),
    /// The request may have been received, and the answer cannot be used: asking again would bring the same. The text says why.
    Unusable(String),
    /// The host failed, and may have sent the request. The text is the host's message, if it has one.
    HostFailed(Option<String>),
}

impl SendError {
    /// The error of an answer whose body broke off.
    pub fn broke_off() -> Self {
        Self::NoAnswer("its answer broke off".to_owned())
    }
}
