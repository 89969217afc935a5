//! A start of which no answer came may be sent again, it says.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(CallsALostStartUnavailable);
