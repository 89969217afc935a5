//! Its errors say to set a field that it does not have.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(AdvisesAFieldThatItDoesNotHave);
