//! Texts as people store them: what a shell, an editor or a settings file puts around a value, and what shows that more than
//! the value was stored.
//!
//! White space and a byte order mark around a value are never part of it: HTTP itself takes them off the value of a header
//! (RFC 9110, section 5.5), so a server would know another secret than the host hides. What is left and still cannot be the
//! value of a header is refused before anything starts, and so is what was most likely stored with more than the value: a wrong
//! refusal is told at once, by the field and the reason, and a wrong acceptance ends as a 401 at night. A token is never refused,
//! and a password may hold blanks, quotes and letters of any language. A password that is in quotes itself, or reads like a line of
//! settings, cannot be told from one that was stored wrong: it has to be changed at the tool.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// What shows that a text is not the value alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misstored {
    /// It has more than one line, and is not a key in PEM, which plugins sign with.
    #[error("holds a line break: store the value alone, in one line")]
    LineBreak,
    /// A control character cannot be in a header's value.
    #[error("holds a control character: store the value alone, as text")]
    Control,
    /// The quotes of a settings file or a shell.
    #[error("is in quotes: store it without them")]
    Quoted,
    /// The scheme of an `Authorization` header, and credentials as it takes them (RFC 7235, section 2.1; RFC 7617).
    #[error(
        "begins with the scheme `Bearer` or `Basic` of a header: store what comes after it, the plugin adds the scheme"
    )]
    WithScheme,
    /// A line of a settings file, or a header, whose name says that a secret follows.
    #[error("looks like `NAME=value` or `name: value`: store the value alone")]
    Assignment,
}

/// Whether a character around a value is not part of it.
fn is_around(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// Takes white space and byte order marks off both ends, in place.
pub(crate) fn trim(text: &mut String) {
    text.truncate(text.trim_end_matches(is_around).len());
    let before = text.len() - text.trim_start_matches(is_around).len();
    text.drain(..before);
}

/// What shows that a trimmed text is more than a value, whatever it is of.
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

/// The same of a secret, which the plugin puts behind a scheme itself.
pub(crate) fn misstored_secret(text: &str) -> Option<Misstored> {
    misstored(text).or_else(|| has_scheme(text).then_some(Misstored::WithScheme))
}

/// Whether credentials stand behind their scheme: a token behind `Bearer`, behind `Basic` the base64 of a user and a password. What
/// else follows such a word makes it one of a phrase.
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

/// How the name of what is secret ends.
const SECRET_NAMES: [&str; 7] = ["token", "key", "secret", "password", "passwd", "authorization", "credential"];

/// Whether it is a line such as `export TOKEN=abc`, `access_token = abc` or `Authorization: Bearer abc`: a name that ends as that of
/// a secret does, and a value. What ends in `=` alone is base64.
fn is_assignment(text: &str) -> bool {
    let exported = ["export ", "set ", "$env:"].iter().find_map(|before| text.strip_prefix(before));
    let line = exported.unwrap_or(text);
    let Some(end) = line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')) else {
        return false;
    };
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(": ")).unwrap_or_default();
    // Compared where it stands: it may be a secret, of which no copy is left.
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
