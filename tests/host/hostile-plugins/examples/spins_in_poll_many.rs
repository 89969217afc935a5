//! Polled for many runs, it computes without end.

hostile_plugins::plugin!(
    poll_many = |_call, _runs| {
        loop {
            black_box(());
        }
    }
);
