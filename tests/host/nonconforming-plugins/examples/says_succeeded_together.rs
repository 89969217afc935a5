//! It says that a failed job succeeded, where several are polled.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching SaysSucceededTogether);
