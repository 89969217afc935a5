//! Of runs that are polled together it answers all but the last.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching LosesARun);
