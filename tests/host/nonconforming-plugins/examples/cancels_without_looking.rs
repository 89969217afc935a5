//! It stops a job before it looks whether that has ended.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(cancelling CancelsWithoutLooking);
