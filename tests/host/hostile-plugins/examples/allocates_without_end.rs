//! Takes memory without end.

hostile_plugins::plugin!(|_call| {
    loop {
        forget(black_box(vec![1_u8; 1 << 20]));
    }
});
