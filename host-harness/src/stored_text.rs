//! Texts as people store them: what a shell, an editor or a settings file puts around a value, and what shows that more than
//! the value was stored.
//!
//! White space and a byte order mark around a value are never part of it: HTTP itself takes them off the value of a header
//! (RFC 9110, section 5.5), so a server would know another secret than the host hides. What is left and still cannot be the
//! value of a header is refused before anything starts. No text that can be a token is refused: base64 ends in `=`, and a
//! password may hold blanks, quotes and letters of any language.

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
    /// The scheme of an `Authorization` header.
    #[error(
        "begins with the scheme `Bearer` or `Basic` of a header: store what comes after it, the plugin adds the scheme"
    )]
    WithScheme,
    /// A line of a settings file.
    #[error("looks like NAME=value: store what comes after the =")]
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
    let with_scheme = text.split_once(' ').is_some_and(|(scheme, rest)| {
        !rest.is_empty() && ["bearer", "basic"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    });
    misstored(text).or_else(|| with_scheme.then_some(Misstored::WithScheme))
}

/// Whether it is a line such as `export TOKEN=abc`: a name as variables of the environment have, and a value. What ends in `=`
/// alone is base64.
fn is_assignment(text: &str) -> bool {
    let line = text.strip_prefix("export ").unwrap_or(text);
    let Some((name, value)) = line.split_once('=') else { return false };
    let is_name = name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && name.contains(|c: char| c.is_ascii_uppercase());
    is_name && !value.trim_matches('=').is_empty()
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
            ("TOKEN=tok", Assignment),
            ("export STITCH_ACCESS_TOKEN=tok", Assignment),
            ("_A1=b=", Assignment),
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
            "key=abc",
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
