//! The access token of a Stitch account.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::stitch::json;

/// An access token. `Debug` does not show it.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// Takes the token as a person copied it from Stitch. The error says what is wrong with it and does not repeat it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("must not be empty");
        }
        // RFC 6750 has none of the three either; with them, what hides the token would not.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""\*"#.contains(&byte)) {
            return Err(
                "must be one word of ASCII: it holds a space, a line break or another character that no token has",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes the token out of an answer that repeats it, as it is or with its characters escaped in JSON.
    pub fn redact(&self, body: Vec<u8>) -> Vec<u8> {
        let body = self.replace_in(body);
        // Written again, JSON escapes no character that a token has.
        match body.contains(&b'\\').then(|| json::parse(&body)) {
            Some(Ok(json)) => self.replace_in(json.to_string().into_bytes()),
            _ => body,
        }
    }

    fn replace_in(&self, body: Vec<u8>) -> Vec<u8> {
        let token = self.0.as_bytes();
        if !body.windows(token.len()).any(|window| window == token) {
            return body;
        }
        String::from_utf8_lossy(&body).replace(&self.0, "***").into_bytes()
    }

    /// The value of the `Authorization` header (RFC 6750, section 2.1).
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_token() {
        assert_eq!(format!("{:?}", AccessToken::parse("hush").expect("a token")), "AccessToken(***)");
    }

    #[test]
    fn an_answer_that_repeats_the_token_loses_it() {
        let token = AccessToken::parse("hush").expect("a token");
        assert_eq!(token.redact(b"no such token: hush!".to_vec()), b"no such token: ***!");
        assert_eq!(token.redact(b"\xff".to_vec()), b"\xff");
    }

    #[test]
    fn an_answer_that_repeats_the_token_escaped_loses_it() {
        let token = AccessToken::parse("hu/sh").expect("a token");
        let body = br#"{"message": "no such token: hu\/s\u0068", "line": "\n"}"#;
        assert_eq!(token.redact(body.to_vec()), br#"{"line":"\n","message":"no such token: ***"}"#);
    }

    #[test]
    fn a_token_is_sent_as_a_bearer() {
        assert_eq!(AccessToken::parse("hush").expect("a token").authorization(), "Bearer hush");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_repeating_it() {
        assert_eq!(AccessToken::parse("").expect_err("empty"), "must not be empty");
        for text in ["hush\n", "hu sh", "hu\"sh", "hu\\sh", "hu*sh", "hush\r\nx-evil: 1", "hüsh", "\u{7f}"] {
            let error = AccessToken::parse(text).expect_err(text);
            assert_eq!(
                error,
                "must be one word of ASCII: it holds a space, a line break or another character that no token has"
            );
        }
    }
}
