//! The descriptor changes with the time.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(ChangesItsMind);
