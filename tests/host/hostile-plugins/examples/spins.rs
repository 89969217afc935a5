//! Computes without end.

hostile_plugins::plugin!(|_call| {
    loop {
        black_box(());
    }
});
