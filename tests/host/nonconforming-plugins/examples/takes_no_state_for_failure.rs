//! A job that shows no state is a failed one.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(TakesNoStateForFailure);
