//! A state that nobody documents is a failure.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(GuessesNewStates);
