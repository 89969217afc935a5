//! A scripted HTTP seam for the native tests of plugins, and constructors of answers and inputs.

use alloc::borrow::ToOwned;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;

use crate::contract::{NamedValue, Value};
use crate::http::{Answer, Http, Request, SendError};
use crate::status::Status;

/// An [`Http`] that expects certain requests, in order, and answers each as scripted. Any other request fails the test, and so
/// does one that is never made.
pub struct Scripted(VecDeque<(String, Result<Answer, SendError>)>);

impl Scripted {
    /// Expects these requests, each as its method, its path and, where it has one, its body.
    pub fn new<'a>(exchanges: impl IntoIterator<Item = (&'a str, Result<Answer, SendError>)>) -> Self {
        Self(exchanges.into_iter().map(|(request, answer)| (request.to_owned(), answer)).collect())
    }

    /// The same, where all of them are answered.
    pub fn answering<'a>(exchanges: impl IntoIterator<Item = (&'a str, Answer)>) -> Self {
        Self::new(exchanges.into_iter().map(|(request, answer)| (request, Ok(answer))))
    }
}

impl Http for Scripted {
    fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
        let line = format!("{} {} {}", format!("{:?}", request.method).to_uppercase(), request.path, request.body);
        let line = line.trim_end();
        let (expected, answer) = self.0.pop_front().unwrap_or_else(|| panic!("one request too many: {line}"));
        assert_eq!(line, expected);
        answer
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "never requested: {:?}", self.0);
        }
    }
}

/// A whole answer with this status and body.
pub fn answer(status: u16, body: &str) -> Answer {
    let body = body.as_bytes().to_vec();
    Answer {
        status: Status(status),
        date: None,
        after_ms: 0,
        location: None,
        encoding: None,
        retry_after: None,
        body,
        cut: None,
    }
}

/// A named value: text or a whole number.
pub fn named(name: &str, value: impl Into<Value>) -> NamedValue {
    NamedValue { name: name.to_owned(), value: value.into() }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
