//! It keeps the run in its memory.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(KeepsTheRunInMemory);
