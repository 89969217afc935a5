//! Writes `size` bytes (16 MiB) to stdout.

hostile_plugins::plugin!(|call| {
    let stdout = wasi::cli::stdout::get_stdout();
    for _ in 0..call.size(16 << 20) / 4096 {
        let _ = stdout.blocking_write_and_flush(&[b'x'; 4096]);
    }
    succeeded("it is said")
});
