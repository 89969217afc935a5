//! Rate limiters as Python holds them: the budgets of accounts, in a file that processes share.

use std::path::PathBuf;
use std::sync::Arc;

use host_harness::SystemClock;
use host_harness::pipeline::RateLimited;
use host_harness::store::Store;
use pyo3::prelude::*;

use crate::exceptions::HostError;
use crate::per_process::PerProcess;

/// A rate limiter: its file, which a child that was forked opens anew.
pub(crate) struct RateLimiterSource {
    path: PathBuf,
    limiters: PerProcess<host_harness::pipeline::RateLimiter<SystemClock>>,
}

/// The polls of one run, which one call at a time makes.
pub(crate) type Polls = Arc<tokio::sync::Mutex<RateLimited<SystemClock>>>;

impl RateLimiterSource {
    /// The rate limiter of this process.
    pub(crate) fn limiter(&self, py: Python<'_>) -> PyResult<host_harness::pipeline::RateLimiter<SystemClock>> {
        if let Some(limiter) = self.limiters.get() {
            return Ok(limiter);
        }
        let opened = py.detach(|| {
            Store::open(&self.path)
                .and_then(|store| host_harness::pipeline::RateLimiter::new(store, SystemClock::new()))
        });
        Ok(self.limiters.keep(opened.map_err(|error| HostError::new_err(error.to_string()))?))
    }
}

/// A rate limiter, which tasks share.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct RateLimiter(pub(crate) Arc<RateLimiterSource>);

#[pymethods]
impl RateLimiter {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let source = RateLimiterSource { path, limiters: PerProcess::new() };
        // What is wrong with the file is told here, and not by the first poll.
        source.limiter(py)?;
        Ok(Self(Arc::new(source)))
    }
}
