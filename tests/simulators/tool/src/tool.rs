use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

/// A simulated tool: it is told the time, and answers parsed requests.
pub trait Tool: Send + 'static {
    /// Answers a request at this time. None if the request took effect but its answer is lost.
    fn serve(&mut self, now: Timestamp, request: &Request) -> Option<Answer>;

    /// Advances to `now`.
    fn pass(&mut self, now: Timestamp);
}

/// A parsed request.
#[derive(Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Its query, empty where there is none.
    pub query: String,
    /// Its `Authorization`, empty where there is none.
    pub authorization: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// An answer: a status, and JSON.
pub type Answer = (StatusCode, Value);
