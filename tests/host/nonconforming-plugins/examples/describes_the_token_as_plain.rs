//! It describes its token as no secret.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(DescribesTheTokenAsPlain);
