//! One call asks until the job has ended.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(AsksWithoutEnd);
