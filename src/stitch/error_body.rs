//! The body of an answer that reports an error.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use serde_json::Value;

use crate::report::shorten;

/// What could be read off such a body. Stitch has several shapes of it, gateways have more, and it may be empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// Stitch's name of the error, such as `invalid_source`.
    pub code: Option<String>,
    /// Stitch's own words.
    pub message: Option<String>,
}

impl ErrorBody {
    /// The most characters of a message or of a body that is kept.
    const MOST_CHARACTERS: usize = 2_000;
    /// The most bytes of a code.
    const MOST_CODE_BYTES: usize = 64;

    /// Reads any body.
    pub fn parse(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(json) => Self::from_json(&json),
            Err(_) => Self { code: None, message: said(&String::from_utf8_lossy(body)) },
        }
    }

    /// Reads a body that is JSON, in any of the documented shapes.
    pub fn from_json(json: &Value) -> Self {
        let error = &json["error"];
        let code = [&error["type"], error, &json["code"]].into_iter().find_map(Value::as_str);
        let message =
            [&error["message"], &json["data"]["message"], &json["message"], &json["invalid_fields"], json, error]
                .into_iter()
                .find_map(Value::as_str);
        let unknown_shape = || match json {
            Value::Null | Value::String(_) => None,
            Value::Object(members) if members.is_empty() => None,
            Value::Array(items) if items.is_empty() => None,
            _ => said(&json.to_string()),
        };
        Self {
            code: code.filter(|code| (1..=Self::MOST_CODE_BYTES).contains(&code.len())).map(str::to_owned),
            message: message.map_or_else(unknown_shape, said),
        }
    }
}

fn said(text: &str) -> Option<String> {
    let text = shorten(text.trim(), ErrorBody::MOST_CHARACTERS);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_shape_is_read() {
        for (body, code, message) in [
            (
                r#"{"error": {"type": "invalid_source", "message": "Integration is deleted."}}"#,
                Some("invalid_source"),
                "Integration is deleted.",
            ),
            (r#"{"error": "InvalidId", "data": {"message": "no such id"}}"#, Some("InvalidId"), "no such id"),
            (r#"{"code": "bad_request", "message": "no"}"#, Some("bad_request"), "no"),
            (r#"{"invalid_fields": "page"}"#, None, "page"),
            (r#""just words""#, None, "just words"),
        ] {
            let expected = ErrorBody { code: code.map(str::to_owned), message: Some(message.to_owned()) };
            assert_eq!(ErrorBody::parse(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn an_unknown_shape_is_shown_whole() {
        for (body, message) in [
            (r#"{"invalid_fields":{"page":"too large"}}"#, r#"{"invalid_fields":{"page":"too large"}}"#),
            ("<h1>502 Bad Gateway</h1>", "<h1>502 Bad Gateway</h1>"),
            ("[1]", "[1]"),
            ("\u{fffd}", "\u{fffd}"),
        ] {
            assert_eq!(ErrorBody::parse(body.as_bytes()).message.as_deref(), Some(message));
        }
    }

    #[test]
    fn an_empty_body_says_nothing() {
        for body in ["", " \n", "{}", "[]", "null", "\"\""] {
            assert_eq!(ErrorBody::parse(body.as_bytes()), ErrorBody::default(), "{body}");
        }
    }
}
