//! Answers a run of `size` bytes (10 MB).

hostile_plugins::plugin!(|call| running("r".repeat(call.size(10_000_000)), 1));
