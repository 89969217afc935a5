//! Redaction: replaces secrets in everything that is shown.

use serde_json::Value;

use crate::Secret;
use crate::secrets::matcher::SecretMatcher;

/// Redacts secrets as `***`: in messages of plugins and tools, stderr, errors, documents.
///
/// A secret is recognised through the escapes of JSON, HTML and URLs, in upper and lower case, in UTF-8 and Latin-1, in
/// base64, alone or inside something longer, and by each of its lines.
#[derive(Clone, Debug)]
pub struct Redactor {
    secrets: SecretMatcher,
}

impl Redactor {
    /// Redacts these secrets. An empty one redacts nothing.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { secrets: SecretMatcher::new(secrets) }
    }

    /// Redacts the secrets of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { secrets: self.secrets.and(&other.secrets) }
    }

    /// The text, redacted.
    pub fn text(&self, text: &str) -> String {
        self.found(text).unwrap_or_else(|| text.to_owned())
    }

    /// The text, redacted. None where it holds no secret.
    pub(crate) fn found(&self, text: &str) -> Option<String> {
        let mut masked = String::new();
        let mut from = 0;
        while let Some(found) = self.secrets.find(text.as_bytes(), from) {
            // A match in Latin-1 may end inside a character.
            masked.push_str(&text[from..text.floor_char_boundary(found.start).max(from)]);
            masked.push_str("***");
            from = text.ceil_char_boundary(found.end);
        }
        (from > 0).then(|| masked + &text[from..])
    }

    /// The first bytes of a text, redacted. A secret that the cut divides is replaced whole: its beginning alone would
    /// not be recognised.
    pub(crate) fn cut(&self, bytes: &[u8], most: usize) -> String {
        let mut masked = String::new();
        let mut from = 0;
        for found in self.secrets.all(bytes).take_while(|found| found.start < most) {
            masked.push_str(&String::from_utf8_lossy(&bytes[from..found.start]));
            masked.push_str("***");
            from = found.end;
        }
        let rest = bytes.get(from..most.min(bytes.len())).unwrap_or_default();
        masked + &String::from_utf8_lossy(rest)
    }

    /// The number of bytes after the cut that are needed to recognise a secret which the cut divides.
    pub(crate) fn longest(&self) -> usize {
        self.secrets.longest()
    }

    /// The document with its texts, numbers and keys redacted. This has to come before it is serialised: escapes could
    /// hide a secret.
    pub fn json(&self, document: Value) -> Value {
        match document {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Number(number) => self.found(&number.to_string()).map_or(Value::Number(number), Value::String),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (self.text(&name), self.json(value))).collect()
            }
            other => other,
        }
    }
}

impl Default for Redactor {
    /// Redacts nothing.
    fn default() -> Self {
        Self::new([])
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        Redactor::new(secrets.iter().copied().map(Secret::new))
    }

    #[test]
    fn every_occurrence_is_replaced() {
        assert_eq!(redactor(&["abc"]).text("abc, xabcx"), "***, x***x");
    }

    #[test]
    fn a_secret_that_holds_another_leaves_nothing_behind() {
        assert_eq!(redactor(&["abc", "abcdef"]).text("abcdef abc"), "*** ***");
    }

    #[test]
    fn an_empty_secret_hides_nothing() {
        assert_eq!(redactor(&[""]).text("plain"), "plain");
    }

    #[test]
    fn a_secret_is_known_in_other_spellings() {
        let redactor = redactor(&["s3cr3t \"tok/en\""]);
        for text in [
            r#"s3cr3t "tok/en""#,
            r#"s3cr3t \"tok/en\""#,
            r#"s3cr3t \"tok\/en\""#,
            "s3cr3t &quot;tok/en&#x22;",
            "s3cr3t%20%22tok%2Fen%22",
            "s3cr3t%20%22tok%2fen%22",
            "s3cr3t+%22tok%2Fen%22",
        ] {
            assert_eq!(redactor.text(&format!("<{text}>")), "<***>");
        }
    }

    #[test]
    fn a_secret_is_known_in_large_and_small_letters() {
        assert_eq!(
            redactor(&["Tok-En"]).text("http://tok-en.example, TOK-EN, \u{c4}"),
            "http://***.example, ***, \u{c4}"
        );
    }

    #[test]
    fn a_secret_in_base64_leaves_nothing_to_decode_whatever_is_around_it() {
        let secret = "never-to-be-shown~~~???";
        let redactor = redactor(&[secret]);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            for (before, after) in [("", ""), ("a", ":"), ("ab", "xy"), ("user:", "")] {
                let shown = redactor.text(&engine.encode(format!("{before}{secret}{after}")));
                assert!(shown.contains("***") && shown.len() <= before.len() * 2 + 3 + after.len() * 2 + 4, "{shown}");
            }
        }
    }

    #[test]
    fn a_short_secret_garbles_no_text_by_its_base64() {
        assert_eq!(redactor(&["ab"]).text("YWI="), "YWI=");
    }

    #[test]
    fn a_part_of_a_character_is_replaced_with_all_of_it() {
        assert_eq!(redactor(&["abcdefg\u{c3}"]).text("<abcdefg\u{e9}>"), "<***>");
    }

    #[test]
    fn a_secret_that_is_cut_shows_no_beginning() {
        let cut = |text: &str, most| redactor(&["hunter2-hunter2"]).cut(text.as_bytes(), most);
        let text = "at hunter2-hunter2 and on";
        assert_eq!(
            [2, 3, 4, 17, 18, 20, 99].map(|most| cut(text, most)),
            ["at", "at ", "at ***", "at ***", "at ***", "at *** a", "at *** and on"]
        );
    }

    #[test]
    fn a_document_is_masked_before_escaping_can_hide_the_secret() {
        let document = json!({"message": "token a\"b refused", "metadata": {"a\"b": ["a\"b"]}});
        assert_eq!(
            redactor(&["a\"b"]).json(document),
            json!({"message": "token *** refused", "metadata": {"***": ["***"]}})
        );
    }

    #[test]
    fn a_secret_of_digits_is_replaced_where_it_is_a_number() {
        let document = json!({"id": 4_815_162_342_u64, "negative": -4_815_162_342_i64, "other": 481});
        let masked = json!({"id": "***", "negative": "-***", "other": 481});
        assert_eq!(redactor(&["4815162342"]).json(document), masked);
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", redactor(&["abc"])), "Redactor { secrets: SecretMatcher { spellings: 1, .. } }");
    }
}
