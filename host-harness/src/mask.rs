//! Keeps secrets out of everything that is shown.

use serde_json::Value;

use crate::Secret;

/// Replaces secrets by `***` in whatever is to be shown: messages of plugins and tools, stderr, errors, documents.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// The longest first, so that a secret which holds another one leaves nothing of itself.
    secrets: Vec<Secret>,
}

impl Mask {
    /// Will hide these secrets. An empty one hides nothing.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets: Vec<_> = secrets.into_iter().filter(|secret| !secret.expose().is_empty()).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Self { secrets }
    }

    /// The text with every secret in it replaced.
    pub fn text(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "***"))
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
    fn a_document_is_masked_before_escaping_can_hide_the_secret() {
        let document = json!({"message": "token a\"b refused", "metadata": {"a\"b": ["a\"b"]}});
        assert_eq!(
            mask(&["a\"b"]).json(document),
            json!({"message": "token *** refused", "metadata": {"***": ["***"]}})
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", mask(&["abc"])), "Mask { secrets: [***] }");
    }
}
