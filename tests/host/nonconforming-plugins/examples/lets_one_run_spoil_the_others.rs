//! Where one of the runs that are polled together is refused, all are.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching LetsOneRunSpoilTheOthers);
