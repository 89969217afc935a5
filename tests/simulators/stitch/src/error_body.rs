use http::StatusCode;
use serde_json::{Value, json};

use crate::Answer;

/// The shapes in which Stitch documents error bodies, and two that a gateway adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// `{"error": {"type": …, "message": …}}`: type, then message.
    Typed(&'static str, String),
    /// `{"error": …, "data": {"message": …}}`: error, then message.
    WithData(&'static str, String),
    /// `{"code": …, "message": …}`: code, then message.
    Coded(&'static str, String),
    /// `{"invalid_fields": …}`.
    InvalidFields(String),
    /// A bare JSON string.
    Bare(String),
    /// An HTML page, as a gateway sends it.
    Html(String),
    /// No body.
    Empty,
}

impl ErrorBody {
    /// Every shape with the same message, for a test that goes through them all.
    pub fn all(message: &str) -> [Self; 7] {
        let message = || message.to_owned();
        [
            Self::Typed("some_type", message()),
            Self::WithData("SomeError", message()),
            Self::Coded("SomeCode", message()),
            Self::InvalidFields(message()),
            Self::Bare(message()),
            Self::Html(message()),
            Self::Empty,
        ]
    }

    /// The answer that carries it.
    pub fn with_status(self, status: StatusCode) -> Answer {
        match self {
            Self::Typed(kind, message) => Answer::json(status, json!({"error": {"type": kind, "message": message}})),
            Self::WithData(error, message) => {
                Answer::json(status, json!({"error": error, "data": {"message": message}}))
            }
            Self::Coded(code, message) => Answer::json(status, json!({"code": code, "message": message})),
            Self::InvalidFields(message) => Answer::json(status, json!({"invalid_fields": message})),
            Self::Bare(message) => Answer::json(status, Value::String(message)),
            Self::Html(message) => {
                let page = format!("<html>\r\n<head><title>{message}</title></head>\r\n<body></body>\r\n</html>\r\n");
                Answer::text(status, "text/html", page)
            }
            Self::Empty => Answer::empty(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    #[test]
    fn every_shape_reads_as_documented() {
        let bodies = ErrorBody::all("no").map(|body| match body.with_status(StatusCode::BAD_REQUEST).body {
            Body::Json(json) => json.to_string(),
            Body::Text { content_type, .. } => content_type.to_owned(),
            Body::Empty => String::new(),
        });
        let documented = [
            r#"{"error":{"message":"no","type":"some_type"}}"#,
            r#"{"data":{"message":"no"},"error":"SomeError"}"#,
            r#"{"code":"SomeCode","message":"no"}"#,
            r#"{"invalid_fields":"no"}"#,
            r#""no""#,
            "text/html",
            "",
        ];
        assert_eq!(bodies, documented);
    }
}
