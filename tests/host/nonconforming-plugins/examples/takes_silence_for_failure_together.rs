//! What it does not understand is a failed job, where runs are polled together.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching TakesSilenceForFailureTogether);
