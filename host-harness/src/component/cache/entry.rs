//! A cache entry: a digest, the key, the component's properties, and its compiled code.

use ring::digest::{Context, SHA256};

use crate::ComponentInfo;

/// The version of this format and of the properties in it. It is part of the key: whoever changes how [`ComponentInfo`] is read
/// raises it.
pub(super) const FORMAT: u32 = 2;

/// The length of a digest, in bytes.
const DIGEST: usize = 32;
/// The length of the properties' length, in bytes.
const LENGTH: usize = 4;

/// An entry that was read, its code still as it was stored.
#[derive(Debug, PartialEq)]
pub(super) struct Entry<'a> {
    pub(super) info: ComponentInfo,
    pub(super) code: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Reads an entry of this key. The error says why it is not one.
    pub(super) fn decode(key: &str, bytes: &'a [u8]) -> Result<Self, &'static str> {
        let (stored, rest) = bytes.split_at_checked(DIGEST).ok_or("it is cut off")?;
        if digest(key, &[rest]) != stored {
            return Err("its digest does not hold");
        }
        let (length, rest) = rest.split_first_chunk::<LENGTH>().ok_or("it is cut off")?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (info, code) = rest.split_at_checked(length).ok_or("it is cut off")?;
        let info = serde_json::from_slice(info).map_err(|_| "its properties cannot be read")?;
        Ok(Self { info, code })
    }

    /// The bytes of an entry: all that precedes the code, and the code.
    pub(super) fn encode(&self, key: &str) -> (Vec<u8>, &'a [u8]) {
        let info = serde_json::to_vec(&self.info).unwrap_or_default();
        let length = u32::try_from(info.len()).unwrap_or(u32::MAX).to_le_bytes();
        let rest = [&length[..], &info].concat();
        ([&digest(key, &[&rest, self.code])[..], &rest].concat(), self.code)
    }
}

fn digest(key: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = Context::new(&SHA256);
    digest.update(key.as_bytes());
    for part in parts {
        digest.update(part);
    }
    digest.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry<'static> {
        let imports = vec!["wasi:http/types@0.2.12".to_owned()];
        Entry { info: ComponentInfo { imports, weight: 7, ..ComponentInfo::default() }, code: b"code" }
    }

    fn encoded() -> Vec<u8> {
        let (head, code) = entry().encode("key");
        [&head, code].concat()
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        assert_eq!(Entry::decode("key", &encoded()), Ok(entry()));
    }

    #[test]
    fn an_entry_that_was_cut_changed_or_moved_is_refused() {
        let whole = encoded();
        for length in 0..whole.len() {
            assert!(Entry::decode("key", &whole[..length]).is_err(), "{length} bytes of it");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert_eq!(Entry::decode("key", &changed), Err("its digest does not hold"), "changed at {at}");
        }
        assert_eq!(Entry::decode("another key", &whole), Err("its digest does not hold"));
    }
}
