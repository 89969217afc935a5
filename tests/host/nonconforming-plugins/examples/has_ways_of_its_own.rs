//! Keeps the contract in ways that its kit has to say.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(HasWaysOfItsOwn);
