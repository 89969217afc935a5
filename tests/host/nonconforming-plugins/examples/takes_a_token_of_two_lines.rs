//! Of a token with a line break it takes what comes before.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

nonconforming_plugins::plugin!(TakesATokenOfTwoLines);
