//! Polled together with others, a run is looked up in a list.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching AsksOtherwiseTogether);
