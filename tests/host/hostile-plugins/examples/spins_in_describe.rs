//! Computes without end when asked what it is.

hostile_plugins::plugin!(
    describe = || {
        loop {
            black_box(());
        }
    }
);
