//! Takes resources of the host, `size` (1,000,000) of two kinds, and gives none back.

hostile_plugins::plugin!(|call| {
    for _ in 0..call.size(1_000_000) {
        forget(Fields::new());
        forget(wasi::clocks::monotonic_clock::subscribe_duration(0));
    }
    succeeded("it has them")
});
