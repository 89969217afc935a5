//! Who asks.

use alloc::format;
use alloc::string::String;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;

/// What a tool's API is told of who asks. A host that hands in placeholders swaps them for the secrets in either form. `Debug`
/// does not show it.
#[derive(Clone)]
pub struct Credential {
    authorization: String,
    secret: Secret,
}

impl Credential {
    /// A token (RFC 6750, section 2.1).
    pub fn bearer(token: Secret) -> Self {
        Self { authorization: format!("Bearer {}", token.expose()), secret: token }
    }

    /// A key and its secret (RFC 7617, section 2). No colon is in the key: it would end there.
    pub fn basic(key: &str, secret: Secret) -> Self {
        let encoded = STANDARD.encode(format!("{key}:{}", secret.expose()));
        Self { authorization: format!("Basic {encoded}"), secret }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    /// What must not be shown of it.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_sent_as_its_rfc_has_it_and_not_shown() {
        let secret = || Secret::parse("sesame").expect("a secret");
        for (credential, sent) in [
            (Credential::bearer(secret()), "Bearer sesame"),
            (Credential::basic("Aladdin", secret()), "Basic QWxhZGRpbjpzZXNhbWU="),
        ] {
            assert_eq!(credential.authorization(), sent);
            assert_eq!(format!("{credential:?}"), "Credential(***)");
        }
    }
}
