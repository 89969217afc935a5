//! The results of runs that are polled together are in another order.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching MixesUpRuns);
