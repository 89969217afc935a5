//! No error of its says that a run may have been started.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(DeniesThatARunMayHaveStarted);
