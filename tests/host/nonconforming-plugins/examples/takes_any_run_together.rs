//! Whatever a run that is polled together with others, it goes on.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching TakesAnyRunTogether);
