//! Threads of the runtime that are about to call into Python: its end waits for them.
//!
//! A thread that still holds or waits for the interpreter while that ends crashes the process (`CPython` before 3.14).

use std::process;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;

/// How many threads there are, of which process, and whether Python ends.
struct Threads {
    process: u32,
    attaching: usize,
    is_over: bool,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads { process: 0, attaching: 0, is_over: false });
static GONE: Condvar = Condvar::new();

/// The threads of this process. A child that was forked has none of its parent's.
fn threads() -> MutexGuard<'static, Threads> {
    let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    if threads.process != process::id() {
        *threads = Threads { process: process::id(), attaching: 0, is_over: false };
    }
    threads
}

/// A thread that may call into Python until this is dropped.
pub(crate) struct Attaching;

impl Attaching {
    /// None once Python ends.
    pub(crate) fn begin() -> Option<Self> {
        let mut threads = threads();
        if threads.is_over {
            return None;
        }
        threads.attaching += 1;
        Some(Self)
    }
}

impl Drop for Attaching {
    fn drop(&mut self) {
        let mut threads = threads();
        threads.attaching = threads.attaching.saturating_sub(1);
        GONE.notify_all();
    }
}

/// Waits for all threads, and lets none begin any more. Python calls it before it ends.
#[pyfunction]
pub(crate) fn at_exit(py: Python<'_>) {
    py.detach(|| {
        let mut threads = threads();
        threads.is_over = true;
        drop(GONE.wait_while(threads, |threads| threads.attaching > 0));
    });
}
