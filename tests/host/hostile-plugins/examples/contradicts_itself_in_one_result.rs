//! Polled for many runs, it says of the first that it goes on, and gives nothing to poll it with.

hostile_plugins::plugin!(
    poll_many = |_call, runs| {
        let first = running("", 1);
        runs.iter().enumerate().map(|(at, run)| if at == 0 { first.clone() } else { running(*run, 1) }).collect()
    }
);
