//! One call asks until the jobs have ended, where runs are polled together.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching AsksWithoutEndTogether);
