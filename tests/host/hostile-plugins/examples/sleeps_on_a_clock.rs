//! Waits an hour for nothing.

hostile_plugins::plugin!(|_call| {
    wasi::clocks::monotonic_clock::subscribe_duration(3_600_000_000_000).block();
    succeeded("an hour has passed")
});
