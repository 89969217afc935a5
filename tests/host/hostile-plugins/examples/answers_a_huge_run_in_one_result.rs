//! Polled for many runs, it answers a first one of `size` bytes.

hostile_plugins::plugin!(
    poll_many = |call, runs| {
        let first = running("r".repeat(call.size(10_000_000)), 1);
        runs.iter().enumerate().map(|(at, run)| if at == 0 { first.clone() } else { running(*run, 1) }).collect()
    }
);
