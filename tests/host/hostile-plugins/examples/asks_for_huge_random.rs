//! Asks for `size` random bytes (100 MB) at once.

hostile_plugins::plugin!(|call| {
    let bytes = wasi::random::random::get_random_bytes(call.size(100_000_000) as u64);
    succeeded(bytes.len().to_string())
});
