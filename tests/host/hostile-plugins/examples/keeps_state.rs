//! Counts its calls in a static variable.

/// How often it was called, this time included.
pub fn calls() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};

    static CALLS: AtomicU64 = AtomicU64::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

hostile_plugins::plugin!(|_call| succeeded(super::calls().to_string()));
