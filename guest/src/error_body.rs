//! The body of an error response.

use alloc::string::String;

use crate::api_profile::ApiProfile;
use crate::json::{self, RawValue, lenient};
use crate::report::shorten;

/// The code and the message of an error response. Tools have several shapes of its body, gateways have more, and it may be empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The tool's name for the error in `snake_case`, as the contract's codes are: `NotFound_Source` is `not_found_source`. None
    /// where that is not a single word.
    pub code: Option<String>,
    /// The tool's message, where the body has one of its shapes.
    pub message: Option<String>,
    /// The message or, where there is none, the body as it is.
    pub raw: Option<String>,
}

impl ErrorBody {
    /// The most characters that are kept of a message or of a body.
    const MOST_CHARACTERS: usize = 2_000;
    /// The most bytes of a code.
    const MOST_CODE_BYTES: usize = 64;

    /// Parses a body, whatever it is.
    pub fn parse(profile: &ApiProfile, body: &[u8]) -> Self {
        let text = json::repaired(body);
        match json::value(&text) {
            Ok(value) => Self::from_json(profile, value),
            Err(_) => Self { raw: said(&text), ..Self::default() },
        }
    }

    /// Parses a body that is JSON, in any of the tool's shapes.
    pub fn from_json(profile: &ApiProfile, value: &RawValue) -> Self {
        let text_at = |places: &[&[&str]]| {
            let texts = places.iter().filter_map(|names| json::at(value, names));
            texts.filter(|value| value.get().starts_with('"')).find_map(lenient::text)
        };
        let message = text_at(profile.message_at).and_then(|message| said(&message));
        let is_text = value.get().starts_with('"');
        let is_empty =
            ["null", "{}", "[]"].contains(&value.get().split_ascii_whitespace().collect::<String>().as_str());
        Self {
            code: text_at(profile.code_at).as_deref().and_then(snake_case),
            raw: message.clone().or_else(|| said(value.get()).filter(|_| !is_text && !is_empty)),
            message,
        }
    }
}

/// Converts a word in `PascalCase`, `kebab-case` or the like to `snake_case`. None where it is not a single word.
fn snake_case(word: &str) -> Option<String> {
    let separate = |snake: &mut String| {
        if !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
    };
    let (mut snake, mut was_upper) = (String::new(), false);
    for character in word.chars() {
        let is_upper = character.is_ascii_uppercase();
        match character {
            '-' | '_' => separate(&mut snake),
            _ if character.is_ascii_alphanumeric() => {
                if is_upper && !was_upper {
                    separate(&mut snake);
                }
                snake.push(character.to_ascii_lowercase());
            }
            _ => return None,
        }
        was_upper = is_upper;
    }
    snake.truncate(snake.trim_end_matches('_').len());
    let is_word = snake.starts_with(|first: char| first.is_ascii_lowercase());
    (is_word && snake.len() <= ErrorBody::MOST_CODE_BYTES).then_some(snake)
}

fn said(text: &str) -> Option<String> {
    let text = shorten(text.trim(), ErrorBody::MOST_CHARACTERS);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_profile::ACME;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;

    #[test]
    fn every_shape_of_the_tool_is_read() {
        for (body, code, message) in [
            (
                r#"{"error": {"type": "invalid_source", "message": "Integration is deleted."}}"#,
                Some("invalid_source"),
                "Integration is deleted.",
            ),
            (r#"{"error": "InvalidId", "data": {"message": "no such id"}}"#, Some("invalid_id"), "no such id"),
            (r#"{"code": "bad-request", "message": "no"}"#, Some("bad_request"), "no"),
            (r#""just words""#, None, "just words"),
        ] {
            let (code, message) = (code.map(str::to_owned), Some(message.to_owned()));
            let expected = ErrorBody { code, raw: message.clone(), message };
            assert_eq!(ErrorBody::parse(&ACME, body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn a_code_is_a_word_in_snake_case_or_none() {
        let longest = "x".repeat(ErrorBody::MOST_CODE_BYTES);
        for (code, read) in [
            ("already_running", Some("already_running")),
            ("try-again-later", Some("try_again_later")),
            ("NotFound_Connector", Some("not_found_connector")),
            ("HTTPError2", Some("httperror2")),
            ("-odd--One-", Some("odd_one")),
            (&longest, Some(&*longest)),
            (&"x".repeat(ErrorBody::MOST_CODE_BYTES + 1), None),
            ("two\nlines", None),
            ("two words", None),
            ("d\u{e9}j\u{e0}", None),
            ("400", None),
            ("_", None),
            ("", None),
        ] {
            let body = ErrorBody::parse(&ACME, serde_json::json!({"code": code}).to_string().as_bytes());
            assert_eq!(body.code.as_deref(), read, "{code:?}");
        }
    }

    #[test]
    fn an_unknown_shape_is_kept_whole_and_is_not_taken_for_the_tools_words() {
        for (body, message) in [
            (r#"{"invalid_fields":{"page":"too large"}}"#, r#"{"invalid_fields":{"page":"too large"}}"#),
            ("<h1>502 Bad Gateway</h1>", "<h1>502 Bad Gateway</h1>"),
            ("[1]", "[1]"),
            ("\u{fffd}", "\u{fffd}"),
        ] {
            let body = ErrorBody::parse(&ACME, body.as_bytes());
            assert_eq!((body.message, body.raw.as_deref()), (None, Some(message)));
        }
    }

    #[test]
    fn an_empty_body_says_nothing() {
        for body in ["", " \n", "{}", "[]", "null", "\"\""] {
            assert_eq!(ErrorBody::parse(&ACME, body.as_bytes()), ErrorBody::default(), "{body}");
        }
    }
}
