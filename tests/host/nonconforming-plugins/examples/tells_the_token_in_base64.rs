//! The token is in the report, in base64.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(TellsTheTokenInBase64);
