//! The key of an account: which calls share one rate limit of their tool.

use std::fmt;

use ring::hmac;
use zeroize::Zeroizing;

use crate::component::content_digest::hex;
use crate::contract::Descriptor;
use crate::{Arguments, Plugin};

/// An account of a tool, told apart from others by a keyed digest: it tells nothing of the credentials behind it, and may be stored
/// and shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey(String);

impl Plugin {
    /// The account that calls with these arguments spend requests of: the tool's name and the secrets of the connection, or the
    /// origins that were granted where there are no secrets.
    ///
    /// `mix` is random and kept secret beside the keys; who has another one gets other keys.
    pub fn account_key(&self, mix: &[u8; 32], descriptor: &Descriptor, arguments: &Arguments) -> AccountKey {
        let mut origins: Vec<_> = self.grants().iter().map(|grant| grant.origin().to_string()).collect();
        origins.sort_unstable();
        origins.dedup();
        AccountKey::new(mix, &descriptor.tool, &origins, arguments)
    }
}

impl AccountKey {
    pub(crate) fn new(mix: &[u8; 32], tool: &str, origins: &[String], arguments: &Arguments) -> Self {
        let mut texts: Vec<_> = arguments.connection_secrets().collect();
        if texts.is_empty() {
            texts = origins.iter().map(String::as_str).collect();
        }
        texts.insert(0, tool);
        // As large as it will be, and in whole blocks: growing would leave a copy behind, and so would the rest of a block, which
        // the digest keeps.
        let block = hmac::HMAC_SHA256.digest_algorithm().block_len();
        let size = texts.iter().map(|text| size_of::<usize>() + text.len()).sum::<usize>().next_multiple_of(block);
        let mut message = Zeroizing::new(Vec::with_capacity(size));
        for text in texts {
            message.extend_from_slice(&text.len().to_le_bytes());
            message.extend_from_slice(text.as_bytes());
        }
        message.resize(size, 0);
        let key = hmac::Key::new(hmac::HMAC_SHA256, mix);
        Self(hex(hmac::sign(&key, &message).as_ref()))
    }

    /// The key as text, in lower-case hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
