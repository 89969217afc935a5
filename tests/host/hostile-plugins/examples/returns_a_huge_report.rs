//! Reports `size` bytes (100 MB) of message.

hostile_plugins::plugin!(|call| succeeded("m".repeat(call.size(100_000_000))));
