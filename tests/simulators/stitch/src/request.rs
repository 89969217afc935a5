use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use crate::Target;

/// A received request, without its body: no simulated endpoint takes one.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path_and_query: String,
    /// The headers. `authorization` is marked sensitive, so that `Debug` does not show it.
    pub headers: HeaderMap,
    /// Its target.
    pub target: Target,
}

impl Request {
    /// Reads a request.
    pub fn new(method: Method, path_and_query: &str, mut headers: HeaderMap) -> Self {
        if let Some(value) = headers.get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        let target = Target::parse(&method, path_and_query);
        Self { method, path_and_query: path_and_query.to_owned(), headers, target }
    }

    /// A header as text; the empty text where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
