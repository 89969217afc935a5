//! Keeps secrets out of everything that is shown.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::Secret;

/// Replaces secrets by `***` in whatever is to be shown: messages of plugins and tools, stderr, errors, documents.
///
/// It knows a secret as it is, escaped as in JSON, percent-encoded, and in base64, alone or inside something longer; and all
/// of these with other letters large or small, because a host name changes them.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// In small letters. The longest first, so that a secret which holds another one leaves nothing of itself.
    spellings: Vec<Secret>,
}

/// The shortest piece of base64 that is looked for, in characters: a shorter one is found in honest text.
const SHORTEST_BASE64: usize = 8;

impl Mask {
    /// Will hide these secrets. An empty one hides nothing.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let spellings: BTreeSet<String> = secrets
            .into_iter()
            .flat_map(|secret| spellings(secret.expose()))
            .map(|spelling| spelling.to_ascii_lowercase())
            .collect();
        let mut spellings: Vec<_> = spellings.into_iter().map(Secret::new).collect();
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.expose().len()));
        Self { spellings }
    }

    /// Hides what either of the two hides.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.spellings.extend(other.spellings);
        self.spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.expose().len()));
        self
    }

    /// The text with every secret in it replaced.
    pub fn text(&self, text: &str) -> String {
        self.found(text).unwrap_or_else(|| text.to_owned())
    }

    /// The same, where there is something to replace.
    pub(crate) fn found(&self, text: &str) -> Option<String> {
        let mut lower = text.to_ascii_lowercase();
        let mut found = None;
        for spelling in &self.spellings {
            if let Some(masked) = replaced(found.as_deref().unwrap_or(text), &lower, spelling.expose()) {
                lower = masked.to_ascii_lowercase();
                found = Some(masked);
            }
        }
        found
    }

    /// The document with every secret in its texts and keys replaced: before it is written out, because escaping could
    /// hide a secret from the mask.
    pub fn json(&self, document: Value) -> Value {
        match document {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (self.text(&name), self.json(value))).collect()
            }
            other => other,
        }
    }
}

/// The text, which is also given in small letters, with every occurrence of a spelling in such letters replaced, where
/// there is one.
fn replaced(text: &str, lower: &str, spelling: &str) -> Option<String> {
    let mut replaced = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(spelling) {
        replaced.push_str(&text[from..at]);
        replaced.push_str("***");
        from = at + spelling.len();
    }
    (from > 0).then(|| replaced + &text[from..])
}

/// The ways in which a text may be met.
fn spellings(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let json = Value::from(text).to_string();
    let url = percent_encoded(text);
    let form = url.replace("%20", "+");
    let mut spellings = vec![text.to_owned(), json[1..json.len() - 1].to_owned(), url, form];
    spellings.extend(in_base64(text));
    spellings
}

/// What is met of a text in base64, wherever it stands in something longer.
pub(crate) fn in_base64(text: &str) -> impl Iterator<Item = String> {
    let engines = [STANDARD_NO_PAD, URL_SAFE_NO_PAD].into_iter();
    let pieces = engines.flat_map(move |engine| (0..3).map(move |before| base64_piece(&engine, before, text)));
    pieces.filter(|piece| piece.len() >= SHORTEST_BASE64)
}

/// Everything but the unreserved characters of RFC 3986, section 2.3.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        _ = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                write!(encoded, "{}", char::from(byte))
            }
            _ => write!(encoded, "%{byte:02X}"),
        };
    }
    encoded
}

/// The characters of base64 that the text alone decides, where it comes after so many bytes (modulo 3) of something else.
fn base64_piece(engine: &impl Engine, before: usize, text: &str) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(text.as_bytes());
    let encoded = engine.encode(&bytes);
    // A character holds six bits.
    encoded[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        Mask::new(secrets.iter().copied().map(Secret::new))
    }

    #[test]
    fn every_occurrence_is_replaced() {
        assert_eq!(mask(&["abc"]).text("abc, xabcx"), "***, x***x");
    }

    #[test]
    fn a_secret_that_holds_another_leaves_nothing_behind() {
        assert_eq!(mask(&["abc", "abcdef"]).text("abcdef abc"), "*** ***");
    }

    #[test]
    fn an_empty_secret_hides_nothing() {
        assert_eq!(mask(&[""]).text("plain"), "plain");
    }

    #[test]
    fn a_secret_is_known_in_other_spellings() {
        let mask = mask(&["s3cr3t \"tok/en\""]);
        for text in [
            r#"s3cr3t "tok/en""#,
            r#"s3cr3t \"tok/en\""#,
            "s3cr3t%20%22tok%2Fen%22",
            "s3cr3t%20%22tok%2fen%22",
            "s3cr3t+%22tok%2Fen%22",
        ] {
            assert_eq!(mask.text(&format!("<{text}>")), "<***>");
        }
    }

    #[test]
    fn a_secret_is_known_in_large_and_small_letters() {
        assert_eq!(mask(&["Tok-En"]).text("http://tok-en.example, TOK-EN, \u{c4}"), "http://***.example, ***, \u{c4}");
    }

    #[test]
    fn a_secret_in_base64_leaves_nothing_to_decode_whatever_is_around_it() {
        let secret = "never-to-be-shown~~~???";
        let mask = mask(&[secret]);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            for (before, after) in [("", ""), ("a", ":"), ("ab", "xy"), ("user:", "")] {
                let shown = mask.text(&engine.encode(format!("{before}{secret}{after}")));
                assert!(shown.contains("***") && shown.len() <= before.len() * 2 + 3 + after.len() * 2 + 4, "{shown}");
            }
        }
    }

    #[test]
    fn a_short_secret_garbles_no_text_by_its_base64() {
        assert_eq!(mask(&["ab"]).text("YWI="), "YWI=");
    }

    #[test]
    fn a_document_is_masked_before_escaping_can_hide_the_secret() {
        let document = json!({"message": "token a\"b refused", "metadata": {"a\"b": ["a\"b"]}});
        assert_eq!(
            mask(&["a\"b"]).json(document),
            json!({"message": "token *** refused", "metadata": {"***": ["***"]}})
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", mask(&["abc"])), "Mask { spellings: [***] }");
    }
}
