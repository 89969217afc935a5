//! It refuses fields that it does not know.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(RefusesUnknownFields);
