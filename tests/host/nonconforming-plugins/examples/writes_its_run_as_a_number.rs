//! Its run is a bare number, which anybody could have written.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(WritesItsRunAsANumber);
