//! A secret.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::json::{self, Value};

/// What proves to a tool who asks: a token, or the secret half of a key. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the secret as a person copied it from the tool. The error says what is wrong with it and does not repeat it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("must not be empty");
        }
        // RFC 6750 has none of the three in a token either; with them, what hides the secret would not.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""\*"#.contains(&byte)) {
            return Err(
                "must be one word of ASCII: it holds a space, a line break or another character that no secret has",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a password that a person chose: it may hold blanks, quotes and letters of any language (RFC 7617, section 2), and
    /// goes into [`Credential::basic`](crate::credential::Credential::basic) alone.
    pub fn parse_password(text: &str) -> Result<Self, &'static str> {
        match text {
            "" => Err("must not be empty"),
            text if text.contains(char::is_control) => Err("must not hold a line break or another control character"),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// Takes the secret out of an answer that repeats it, as it is or with its characters escaped in JSON.
    pub fn redact(&self, body: &[u8]) -> Vec<u8> {
        let body = replace_in(body, self.0.as_bytes());
        // Written again, JSON escapes a quote and a backslash, as a password has them, and nothing else that a secret has.
        let escaped = Value::from(self.0.as_str()).to_string();
        match body.contains(&b'\\').then(|| json::parse(&body)) {
            Some(Ok(json)) => replace_in(json.to_string().as_bytes(), &escaped.as_bytes()[1..escaped.len() - 1]),
            _ => body,
        }
    }

    /// The secret itself: only for what is sent.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn replace_in(body: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(body.len());
    let mut rest = body;
    while let [first, others @ ..] = rest {
        if let Some(others) = rest.strip_prefix(secret) {
            shown.extend(b"***");
            rest = others;
        } else {
            shown.push(*first);
            rest = others;
        }
    }
    shown
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn debug_does_not_show_the_secret() {
        assert_eq!(format!("{:?}", Secret::parse("hush").expect("a secret")), "Secret(***)");
    }

    #[test]
    fn an_answer_that_repeats_the_secret_loses_it() {
        let secret = Secret::parse("hush").expect("a secret");
        assert_eq!(secret.redact(b"no such token: hush!"), b"no such token: ***!");
        assert_eq!(secret.redact(b"\xff"), b"\xff");
    }

    #[test]
    fn an_answer_that_repeats_the_secret_escaped_loses_it() {
        let secret = Secret::parse("hu/sh").expect("a secret");
        let body = br#"{"message": "no such token: hu\/s\u0068", "line": "\n"}"#;
        assert_eq!(secret.redact(body), br#"{"line":"\n","message":"no such token: ***"}"#);
    }

    #[test]
    fn a_password_may_hold_what_people_type_and_is_taken_out_of_answers_too() {
        for text in ["two words", r#"a "quoted" one"#, r"back\slash", "pässwörd", "'single'", " "] {
            let password = Secret::parse_password(text).expect(text);
            let body = json::json!({"message": alloc::format!("not {text}!"), "line": "\n"}).to_string();
            let shown = String::from_utf8(password.redact(body.as_bytes())).expect("UTF-8");
            let told = json::parse(shown.as_bytes()).expect("JSON")["message"].to_string();
            assert!(!told.contains(&json::json!(text).to_string().trim_matches('"').to_owned()), "{shown}");
        }
        assert_eq!(Secret::parse_password("").expect_err("empty"), "must not be empty");
        for text in ["a\nb", "a\0"] {
            let problem = Secret::parse_password(text).expect_err(text);
            assert_eq!(problem, "must not hold a line break or another control character");
        }
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_without_repeating_it() {
        assert_eq!(Secret::parse("").expect_err("empty"), "must not be empty");
        for text in ["hush\n", "hu sh", "hu\"sh", "hu\\sh", "hu*sh", "hush\r\nx-evil: 1", "hüsh", "\u{7f}"] {
            let error = Secret::parse(text).expect_err(text);
            assert_eq!(
                error,
                "must be one word of ASCII: it holds a space, a line break or another character that no secret has"
            );
        }
    }
}
