//! Secret values: text that is redacted when shown and overwritten when dropped.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::Origin;
use crate::secrets::stored_text;

/// A secret, and the origins that it may go to. `Debug` and `Display` show `***`.
///
/// Clones share one copy, which is overwritten in memory when the last of them is dropped. Values that leave the
/// process cannot be overwritten: a request's header on its way into the socket, and an argument of a plugin that was
/// given the value itself by [`Arguments::expose_secrets`](crate::Arguments::expose_secrets).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: Arc<Zeroizing<String>>,
    /// None: wherever the plugin may go.
    origins: Option<Arc<BTreeSet<Origin>>>,
}

impl Secret {
    /// A secret that may go wherever the plugin may. A `String` is moved, not copied. White space and a byte order mark
    /// around it are removed: HTTP removes them from a header's value, so an echo would not match.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = Zeroizing::new(text.into());
        stored_text::trim(&mut text);
        Self { text: Arc::new(text), origins: None }
    }

    /// Restricts the secret to these origins, whatever else the plugin may reach.
    #[must_use]
    pub fn only_for(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.origins = Some(Arc::new(origins.into_iter().collect()));
        self
    }

    /// The text itself. Callers must keep it from being shown.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// True if the secret may go to this origin, provided that the plugin may.
    pub(crate) fn may_go_to(&self, origin: &Origin) -> bool {
        self.origins.as_ref().is_none_or(|origins| origins.contains(origin))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_in_no_format() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {secret:#?}"), "*** *** ***");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_secret_goes_anywhere_or_only_where_it_may() {
        let [here, there] = ["https://here", "https://there"].map(|text| text.parse::<Origin>().unwrap());
        let secret = Secret::new("hunter2");
        assert!(secret.may_go_to(&here) && secret.may_go_to(&there));
        let secret = secret.only_for([here.clone()]);
        assert!(secret.may_go_to(&here) && !secret.may_go_to(&there));
        assert!(!secret.only_for([]).may_go_to(&here));
    }
}
