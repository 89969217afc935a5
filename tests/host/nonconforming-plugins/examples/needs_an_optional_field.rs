//! It refuses a call without a field that it does not require.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(NeedsAnOptionalField);
