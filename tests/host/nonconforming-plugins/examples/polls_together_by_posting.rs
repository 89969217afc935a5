//! Before it polls runs together, it asks the tool to refresh the jobs.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(batching PollsTogetherByPosting);
