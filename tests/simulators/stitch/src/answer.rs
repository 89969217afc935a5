use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

/// An answer of the API, before it is put on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers except `content-type` and `content-length`, which follow from the body.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// The body of an [`Answer`].
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// None at all.
    Empty,
    /// `application/json`.
    Json(Value),
    /// Anything else.
    Text {
        /// Its media type.
        content_type: &'static str,
        /// The text as it goes out.
        text: String,
    },
}

impl Answer {
    /// A status without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::Empty }
    }

    /// A status with JSON.
    pub fn json(status: StatusCode, json: Value) -> Self {
        Self { body: Body::Json(json), ..Self::empty(status) }
    }

    /// A status with text of any media type, well-formed or not.
    pub fn text(status: StatusCode, content_type: &'static str, text: impl Into<String>) -> Self {
        Self { body: Body::Text { content_type, text: text.into() }, ..Self::empty(status) }
    }

    /// The body, where it is JSON.
    pub fn json_mut(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Body::Json(json) => Some(json),
            Body::Empty | Body::Text { .. } => None,
        }
    }

    /// The rows of a list page; none for every other answer.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let data = self.json_mut().and_then(|json| json.get_mut("data"));
        data.and_then(Value::as_array_mut).into_iter().flatten()
    }

    /// All headers and the bytes, ready for the wire.
    pub(crate) fn into_parts(self) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut headers = self.headers;
        let (content_type, bytes) = match self.body {
            Body::Empty => return (self.status, headers, Vec::new()),
            Body::Json(json) => ("application/json", json.to_string().into_bytes()),
            Body::Text { content_type, text } => (content_type, text.into_bytes()),
        };
        if let Ok(value) = HeaderValue::from_str(content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        (self.status, headers, bytes)
    }
}
