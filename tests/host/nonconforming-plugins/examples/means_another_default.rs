//! What it does where a field is left out is not what it says.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(MeansAnotherDefault);
