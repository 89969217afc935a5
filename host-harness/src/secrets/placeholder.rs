//! Placeholders: the words that a plugin gets in place of secrets.

use std::sync::Arc;

use memchr::memmem;

use crate::Secret;

/// The beginning of every placeholder, so that a person who meets one recognises it.
const PREFIX: &str = "placeholder";

/// The length of every placeholder, in bytes.
pub(crate) const LENGTH: usize = PREFIX.len() + 32;

/// A placeholder for one secret during one call. It cannot be guessed, and is worthless outside of that call, so a
/// leaked placeholder reveals nothing.
#[derive(Debug)]
pub(crate) struct Placeholder {
    pub(crate) text: String,
    /// The field whose value it replaces.
    pub(crate) name: String,
    /// The secret that it stands for.
    pub(crate) secret: Secret,
}

impl Placeholder {
    /// Makes a placeholder of 128 random bits from the system.
    pub(crate) fn new(name: &str, secret: &Secret) -> Result<Self, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        // Lower case, as header names are.
        let text = format!("{PREFIX}{:032x}", u128::from_be_bytes(random));
        Ok(Self { text, name: name.to_owned(), secret: secret.clone() })
    }
}

/// The placeholders of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placeholders(Arc<[Placeholder]>);

impl Placeholders {
    /// Finds the first placeholder in these bytes, and its position.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<(usize, &Placeholder)> {
        let found = |placeholder: &Placeholder| memmem::find(bytes, placeholder.text.as_bytes());
        self.0.iter().filter_map(|placeholder| Some((found(placeholder)?, placeholder))).min_by_key(|(at, _)| *at)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter()
    }
}

impl FromIterator<Placeholder> for Placeholders {
    fn from_iter<I: IntoIterator<Item = Placeholder>>(placeholders: I) -> Self {
        Self(placeholders.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_new_word_each_time() {
        let [one, other] = [(); 2].map(|()| Placeholder::new("token", &Secret::new("hunter2")).unwrap().text);
        assert_ne!(one, other);
        assert_eq!(one.len(), LENGTH);
        assert!(one.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{one}");
    }

    #[test]
    fn the_first_placeholder_is_found() {
        let secret = Secret::new("hunter2");
        let [a, b] = ["a", "b"].map(|name| Placeholder::new(name, &secret).unwrap());
        let text = format!("x{} {}", b.text, a.text);
        let placeholders: Placeholders = [a, b].into_iter().collect();
        let (at, found) = placeholders.find(text.as_bytes()).unwrap();
        assert_eq!((at, &*found.name), (1, "b"));
        assert!(placeholders.find(b"placeholder").is_none());
    }
}
