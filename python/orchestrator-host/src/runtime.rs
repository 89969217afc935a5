//! The runtime on which calls are made: one for each process.

use std::thread;

use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle};

use crate::exceptions::HostError;
use crate::per_process::PerProcess;

/// The most threads: a call mostly waits for the network.
const MOST_THREADS: usize = 4;

/// The runtime of this process. It is never shut down: its threads end with the process.
pub(crate) fn handle() -> PyResult<Handle> {
    static HANDLES: PerProcess<Handle> = PerProcess::new();
    if let Some(handle) = HANDLES.get() {
        return Ok(handle);
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let runtime =
        Builder::new_multi_thread().worker_threads(threads).thread_name("orchestrator-host").enable_all().build();
    let runtime =
        runtime.map_err(|error| HostError::new_err(format!("no threads could be started for calls: {error}")))?;
    // Where a thread came first, this one idles.
    Ok(HANDLES.keep(Box::leak(Box::new(runtime)).handle().clone()))
}
