//! What it learned of the run by a poll it keeps in its memory.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(KeepsTheRunInMemory);
