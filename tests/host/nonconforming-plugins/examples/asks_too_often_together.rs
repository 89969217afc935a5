//! It asks twice for each run that is polled together with others.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching AsksTooOftenTogether);
