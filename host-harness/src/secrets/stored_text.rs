//! Validation of stored values: removes what a shell, an editor or a settings file puts around a value, and detects
//! that more than the value was stored.
//!
//! White space and a byte order mark around a value are never part of it: HTTP removes them from a header's value (RFC
//! 9110, section 5.5), so the server would know another secret than the host redacts. Values that still cannot be in a
//! header, or were most likely stored with more than the value, are refused before anything starts: a wrong refusal is
//! seen at once, with field and reason, while a wrong acceptance ends as a 401 at night. No token is refused, and a
//! password may hold blanks, quotes and letters of any language. Only a password that is in quotes itself, or reads
//! like a line of settings, has to be changed at the tool.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// A sign that more than the value was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misstored {
    /// More than one line, and not a key in PEM, which plugins sign with.
    #[error("holds a line break: store the value alone, in one line")]
    LineBreak,
    /// A control character, which a header's value cannot hold.
    #[error("holds a control character: store the value alone, as text")]
    Control,
    /// Quotes of a settings file or a shell.
    #[error("is in quotes: store it without them")]
    Quoted,
    /// The scheme of an `Authorization` header before its credentials (RFC 7235, section 2.1; RFC 7617).
    #[error(
        "begins with the scheme `Bearer` or `Basic` of a header: store what comes after it, the plugin adds the scheme"
    )]
    WithScheme,
    /// A line of a settings file, or a header, whose name announces a secret.
    #[error("looks like `NAME=value` or `name: value`: store the value alone")]
    Assignment,
}

/// True for characters that are never part of a value's ends.
fn is_around(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// Removes white space and byte order marks from both ends, in place.
pub(crate) fn trim(text: &mut String) {
    text.truncate(text.trim_end_matches(is_around).len());
    let before = text.len() - text.trim_start_matches(is_around).len();
    text.drain(..before);
}

/// The sign that a trimmed text is more than a value of any kind.
pub(crate) fn misstored(text: &str) -> Option<Misstored> {
    if text.starts_with("-----BEGIN ") {
        return None;
    }
    if text.contains(['\n', '\r']) {
        return Some(Misstored::LineBreak);
    }
    if text.contains(char::is_control) {
        return Some(Misstored::Control);
    }
    let in_quotes = [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}')]
        .into_iter()
        .any(|(open, close)| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some());
    if in_quotes {
        return Some(Misstored::Quoted);
    }
    is_assignment(text).then_some(Misstored::Assignment)
}

/// The sign that a trimmed text is more than a secret. The plugin adds a scheme itself.
pub(crate) fn misstored_secret(text: &str) -> Option<Misstored> {
    misstored(text).or_else(|| has_scheme(text).then_some(Misstored::WithScheme))
}

/// True if credentials follow their scheme: a token after `Bearer`, or the base64 of a user and a password after
/// `Basic`. Any other text after such a word is a phrase.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, credentials)) = text.split_once(' ') else { return false };
    let credentials = credentials.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("basic") {
        let mut decoded = Zeroizing::new(vec![0; credentials.len()]);
        let length = STANDARD_NO_PAD.decode_slice(credentials.trim_end_matches('='), &mut decoded);
        return length.is_ok_and(|length| decoded[..length].contains(&b':'));
    }
    scheme.eq_ignore_ascii_case("bearer") && !credentials.is_empty() && !credentials.contains(' ')
}

/// The endings of names that announce a secret.
const SECRET_NAMES: [&str; 7] = ["token", "key", "secret", "password", "passwd", "authorization", "credential"];

/// True for lines such as `export TOKEN=abc`, `access_token = abc` or `Authorization: Bearer abc`: a name with the
/// ending of a secret's, and a value. A text whose only `=` is at its end is base64.
fn is_assignment(text: &str) -> bool {
    let exported = ["export ", "set ", "$env:"].iter().find_map(|before| text.strip_prefix(before));
    let line = exported.unwrap_or(text);
    let Some(end) = line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')) else {
        return false;
    };
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": ")).unwrap_or_default();
    // Compared in place: it may be a secret, of which no copy is left.
    let ends_so = |known: &&str| {
        let end = name.len().checked_sub(known.len()).and_then(|end| name.get(end..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(known))
    };
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && (exported.is_some() || SECRET_NAMES.iter().any(ends_so));
    is_name && !value.trim_matches(['=', ' ']).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_value_is_taken_off() {
        for text in
            ["tok", "tok\n", " tok\t", "\u{feff}tok", "\u{feff} tok\r\n", "\u{a0}tok\u{2003}", "\n\u{feff}\ntok"]
        {
            let mut trimmed = text.to_owned();
            trim(&mut trimmed);
            assert_eq!(trimmed, "tok", "{text:?}");
        }
        let mut blank = " \u{feff}\n".to_owned();
        trim(&mut blank);
        assert_eq!(blank, "");
    }

    #[test]
    fn what_was_stored_with_a_value_is_told_by_its_likely_cause() {
        use Misstored::{Assignment, Control, LineBreak, Quoted, WithScheme};
        for (text, cause) in [
            ("tok\nother", LineBreak),
            ("tok\rother", LineBreak),
            ("to\0k", Control),
            ("to\tk", Control),
            ("\"tok\"", Quoted),
            ("'tok'", Quoted),
            ("\u{201c}tok\u{201d}", Quoted),
            ("Bearer tok", WithScheme),
            ("bearer tok", WithScheme),
            ("Basic dTpw", WithScheme),
            ("basic dXNlcjpwYXNzd29yZA==", WithScheme),
            ("TOKEN=tok", Assignment),
            ("export STITCH_ACCESS_TOKEN=tok", Assignment),
            ("export A1=b=", Assignment),
            ("$env:A1 = 'b'", Assignment),
            ("access_token=abc", Assignment),
            ("stitch_token=abc", Assignment),
            ("STITCH_TOKEN = abc", Assignment),
            ("TOKEN: abc", Assignment),
            ("Authorization: Bearer abc", Assignment),
            ("x-api-key: abc", Assignment),
            ("password=abc", Assignment),
            ("{\n\"token\": 1}", LineBreak),
        ] {
            assert_eq!(misstored_secret(text), Some(cause), "{text:?}");
        }
    }

    #[test]
    fn nothing_that_can_be_a_secret_is_refused() {
        for text in [
            "3b1f0c9d",
            "QUJD=",
            "QUJDRA==",
            "eyJhbGciOiJIUzI1NiJ9.e30.Zm9v-_",
            "PW=abc1",
            "A=b",
            "TOKEN==",
            "token:abc",
            "token abc",
            "Basic English42",
            "Basic",
            "basic instinct",
            "Bearer of bad news",
            "a b \"c\" d=e",
            "p\u{e4}ss w\u{f6}rd",
            "Bearer",
            "bearer-of-news",
            "\"",
            "it's",
            "=x",
            "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----",
        ] {
            assert_eq!(misstored_secret(text), None, "{text:?}");
        }
    }
}
