use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

/// A tool that is told the time and answers requests that were read for it.
pub trait Tool: Send + 'static {
    /// Answers a request at this time. None: what it asked for was done, and its answer is lost.
    fn serve(&mut self, now: Timestamp, request: &Request) -> Option<Answer>;

    /// Lets happen what was to happen until now.
    fn pass(&mut self, now: Timestamp);
}

/// A request, read.
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

/// What is answered: a status, and JSON.
pub type Answer = (StatusCode, Value);
