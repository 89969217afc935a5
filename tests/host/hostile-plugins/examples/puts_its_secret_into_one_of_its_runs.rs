//! Polled for many runs, it puts its secret into the first of them.

hostile_plugins::plugin!(
    poll_many = |call, runs| {
        let first = running(call.token(), 1);
        runs.iter().enumerate().map(|(at, run)| if at == 0 { first.clone() } else { running(*run, 1) }).collect()
    }
);
