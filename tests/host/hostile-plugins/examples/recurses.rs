//! Calls itself without end.

/// Needs the call stack alone: nothing of it lies in memory.
#[inline(never)]
pub fn deeper() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};

    static DEPTH: AtomicU64 = AtomicU64::new(0);
    let depth = DEPTH.fetch_add(1, Ordering::Relaxed);
    if depth == u64::MAX { depth } else { std::hint::black_box(deeper()) }
}

hostile_plugins::plugin!(|_call| succeeded(super::deeper().to_string()));
