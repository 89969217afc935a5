//! It settles a trigger without being told when that was.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(settling SettlesWithoutAnyAge);
