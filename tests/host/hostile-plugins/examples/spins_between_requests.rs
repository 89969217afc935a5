//! Computes for 50 ms before each of its requests, which never end.

hostile_plugins::plugin!(|call| {
    loop {
        let begin = wasi::clocks::monotonic_clock::now();
        while wasi::clocks::monotonic_clock::now() - begin < 50_000_000 {
            for turn in 0..10_000 {
                black_box(turn);
            }
        }
        Request::get(call.base_url()).send()?;
    }
});
