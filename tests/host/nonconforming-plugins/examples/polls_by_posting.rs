//! A poll asks the tool to refresh the job.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(PollsByPosting);
