//! Writes `size` bytes (16 MiB) to stderr.

hostile_plugins::plugin!(|call| {
    let stderr = wasi::cli::stderr::get_stderr();
    for _ in 0..call.size(16 << 20) / 4096 {
        let _ = stderr.blocking_write_and_flush(&[b'x'; 4096]);
    }
    succeeded("it is said")
});
