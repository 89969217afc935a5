//! Credentials, as the `Authorization` header carries them.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;

/// The least length of a password that is redacted in answers. A shorter one may be a word of the answer's own, which has to be
/// understood.
const LEAST_SEARCHED_BYTES: usize = 6;

/// A bearer or basic credential. A host that hands in placeholders swaps them for the secrets in either form. `Debug` redacts
/// it.
#[derive(Clone)]
pub struct Credential {
    authorization: String,
    secrets: Vec<Secret>,
}

impl Credential {
    /// A bearer token (RFC 6750, section 2.1).
    pub fn bearer(token: Secret) -> Self {
        Self { authorization: format!("Bearer {}", token.expose()), secrets: vec![token] }
    }

    /// Basic authentication with a key and its secret, or with a user and a password (RFC 7617, section 2). The key must not hold
    /// a colon: it would end there.
    pub fn basic(key: &str, secret: Secret) -> Self {
        let encoded = STANDARD.encode(format!("{key}:{}", secret.expose()));
        let is_searched = secret.expose().len() >= LEAST_SEARCHED_BYTES;
        // The encoded form first: if the password were redacted within it, the rest of it would be shown.
        let secrets = Secret::parse(&encoded).into_iter().chain(Some(secret).filter(|_| is_searched)).collect();
        Self { authorization: format!("Basic {encoded}"), secrets }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    /// The secrets to redact in answers: the password or token, and the encoded form that is sent.
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
    use alloc::borrow::ToOwned;

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

    #[test]
    fn a_password_of_a_few_letters_is_hidden_as_it_is_sent_and_left_in_what_has_to_be_understood() {
        let secrets = |password: &str| {
            let password = Secret::parse_password(password).expect("a password");
            let credential = Credential::basic("me", password);
            credential.secrets().iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(secrets("sesame"), ["bWU6c2VzYW1l", "sesame"]);
        assert_eq!(secrets("data"), ["bWU6ZGF0YQ=="]);
    }
}
