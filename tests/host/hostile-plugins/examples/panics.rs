//! Panics.

hostile_plugins::plugin!(|_call| panic!("on purpose"));
