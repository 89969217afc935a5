//! Secrets: their validation and their redaction.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A token, a password or the secret half of a key. `Debug` redacts it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The most bytes of a secret: servers take at least 8 KiB in a header.
    const MOST_BYTES: usize = 8 << 10;

    /// Parses a secret as a person copied it from the tool. The error says what is wrong and does not repeat the secret.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = trimmed(text);
        if text.is_empty() {
            return Err("must not be empty");
        }
        if text.split_once(' ').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
            return Err("must not begin with `Bearer`: give the token alone");
        }
        if text.len() > Self::MOST_BYTES {
            return Err("must be at most 8 KiB long: no server takes a longer header");
        }
        // RFC 6750 allows none of these three in a token either. Redaction relies on their absence.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""\*"#.contains(&byte)) {
            return Err(
                "must be one word of ASCII: it holds a space, a line break or another character that no secret has",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// Parses a password that a person chose: it may hold blanks, quotes and letters of any language (RFC 7617, section 2). It is
    /// for [`Credential::basic`](crate::credential::Credential::basic) only.
    pub fn parse_password(text: &str) -> Result<Self, &'static str> {
        match trimmed(text) {
            "" => Err("must not be empty"),
            text if text.contains(char::is_control) => Err("must not hold a line break or another control character"),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// Redacts the secret in an answer that repeats it, as it is or with characters escaped in JSON.
    pub fn redact(&self, body: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(body.len());
        let mut rest = body;
        while let [first, others @ ..] = rest {
            let repeated = rest.strip_prefix(self.0.as_bytes()).or_else(|| self.escaped_before(rest));
            match repeated {
                Some(_) => shown.extend(b"***"),
                None => shown.push(*first),
            }
            rest = repeated.unwrap_or(others);
        }
        shown
    }

    /// Strips the secret from the beginning of JSON, with any of its characters escaped (RFC 8259, section 7).
    fn escaped_before<'a>(&self, mut json: &'a [u8]) -> Option<&'a [u8]> {
        for unit in self.0.encode_utf16() {
            let (found, after) = unit_of(json)?;
            json = (found == unit).then_some(after)?;
        }
        Some(json)
    }

    /// The secret itself, for sending only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Trims white space and a byte order mark: HTTP takes white space off a header's value (RFC 9110, section 5.5).
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}')
}

/// The UTF-16 code unit at the beginning of a JSON string, escaped or not, and what follows it. None for an unescaped character of
/// two code units: a secret with such a character is redacted only where it stands as it is.
fn unit_of(json: &[u8]) -> Option<(u16, &[u8])> {
    match json {
        [b'\\', b'u', a, b, c, d, after @ ..] => {
            let digits = [*a, *b, *c, *d];
            Some((u16::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?, after))
        }
        [b'\\', unit @ (b'"' | b'\\' | b'/'), after @ ..] => Some((u16::from(*unit), after)),
        // A control character, of which no secret has one.
        [b'\\', ..] => None,
        _ => {
            // No character is longer than 4 bytes; validating all that follows would take quadratic time.
            let character = json[..json.len().min(4)].utf8_chunks().next()?.valid().chars().next()?;
            Some((u16::try_from(u32::from(character)).ok()?, &json[character.len_utf8()..]))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use alloc::borrow::ToOwned;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn debug_does_not_show_the_secret() {
        assert_eq!(format!("{:?}", Secret::parse("hush").expect("a secret")), "Secret(***)");
    }

    #[test]
    fn what_stands_around_a_secret_is_taken_off_and_a_scheme_before_it_is_named() {
        for text in ["hush\n", " hush ", "\u{feff}hush\r\n"] {
            assert_eq!(Secret::parse(text).expect(text).expose(), "hush");
            assert_eq!(Secret::parse_password(text).expect(text).expose(), "hush");
        }
        let problem = Secret::parse("Bearer hush").expect_err("a scheme");
        assert_eq!(problem, "must not begin with `Bearer`: give the token alone");
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
        assert_eq!(secret.redact(body), br#"{"message": "no such token: ***", "line": "\n"}"#);
    }

    #[test]
    fn an_escaped_control_character_is_not_taken_for_the_backslash_and_the_letter_that_escape_it() {
        let password = Secret::parse_password(r"p\new").expect("a password");
        for body in [&br#""\u0070\new""#[..], br#""\u0070\"#] {
            assert_eq!(password.redact(body), body);
        }
        assert_eq!(password.redact(br#""\u0070\\new""#), br#""***""#);
    }

    #[test]
    fn a_password_may_hold_what_people_type_and_is_taken_out_of_answers_too() {
        for text in ["two words", r#"a "quoted" one"#, r"back\slash", "pässwörd", "'single'"] {
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
        let long = "x".repeat(8 * 1024 + 1);
        assert!(Secret::parse(&long[1..]).is_ok());
        assert_eq!(
            Secret::parse(&long).expect_err("long"),
            "must be at most 8 KiB long: no server takes a longer header"
        );
        for text in ["hu\nsh", "hu sh", "hu\"sh", "hu\\sh", "hu*sh", "hush\r\nx-evil: 1", "hüsh", "\u{7f}"] {
            let error = Secret::parse(text).expect_err(text);
            assert_eq!(
                error,
                "must be one word of ASCII: it holds a space, a line break or another character that no secret has"
            );
        }
    }
}
