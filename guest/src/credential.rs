//! Who asks.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;

/// What a tool's API is told of who asks. A host that hands in placeholders swaps them for the secrets in either form. `Debug`
/// does not show it.
#[derive(Clone)]
pub struct Credential {
    authorization: String,
    secrets: Vec<Secret>,
}

impl Credential {
    /// A token (RFC 6750, section 2.1).
    pub fn bearer(token: Secret) -> Self {
        Self { authorization: format!("Bearer {}", token.expose()), secrets: vec![token] }
    }

    /// A key and its secret (RFC 7617, section 2). No colon is in the key: it would end there.
    pub fn basic(key: &str, secret: Secret) -> Self {
        let encoded = STANDARD.encode(format!("{key}:{}", secret.expose()));
        // The longer first: what is taken out of it would leave the rest to be seen.
        let secrets = Secret::parse(&encoded).into_iter().chain([secret]).collect();
        Self { authorization: format!("Basic {encoded}"), secrets }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    /// What must not be shown of it: the secret, and what it is sent as.
    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
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
