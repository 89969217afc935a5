//! The key of a cache entry: the component's digest, and all that its compilation depends on.

use std::hash::{Hash, Hasher};

use ring::digest::{Context, SHA256};
use wasmtime::Engine;

use crate::component::cache::entry::FORMAT;
use crate::component::content_digest::hex;

/// SHA-256 over the entry's format, this crate's version, the engine's version and settings, and the component's own digest: as 64
/// hexadecimal digits.
pub(super) fn key(engine: &Engine, component: &str) -> String {
    let mut digest = Sha256(Context::new(&SHA256));
    (FORMAT, env!("CARGO_PKG_VERSION")).hash(&mut digest);
    // Covers wasmtime's version, its settings and the processor's features.
    engine.precompile_compatibility_hash().hash(&mut digest);
    component.hash(&mut digest);
    hex(digest.0.finish().as_ref())
}

/// A hasher whose state is not cut to 64 bits.
struct Sha256(Context);

impl Hasher for Sha256 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finish();
        digest.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Config;

    use super::*;

    #[test]
    fn another_component_or_another_setting_is_another_key() {
        let engine = Engine::default();
        let with_epochs = Engine::new(Config::new().epoch_interruption(true)).unwrap();
        assert_eq!(key(&engine, "a"), key(&Engine::default(), "a"));
        assert_eq!(key(&engine, "a").len(), 64);
        assert_ne!(key(&engine, "a"), key(&engine, "b"));
        assert_ne!(key(&engine, "a"), key(&with_epochs, "a"));
    }
}
