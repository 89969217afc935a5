//! Rate limiters as Python holds them: the budgets of accounts, in a file that processes share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host_harness::SystemClock;
use host_harness::pipeline::RateLimited;
use host_harness::store::{Store, StoreError};
use pyo3::prelude::*;

use crate::exceptions::HostError;
use crate::per_process::PerProcess;

/// A rate limiter: its file, which the process that polls opens.
pub(crate) struct RateLimiterSource {
    path: PathBuf,
    limiters: PerProcess<host_harness::pipeline::RateLimiter<SystemClock>>,
}

/// The calls of one run within the account's rate limit.
pub(crate) type Limited = RateLimited<SystemClock>;

impl RateLimiterSource {
    /// The rate limiter of this process.
    pub(crate) fn limiter(&self, py: Python<'_>) -> PyResult<host_harness::pipeline::RateLimiter<SystemClock>> {
        if let Some(limiter) = self.limiters.get() {
            return Ok(limiter);
        }
        if self.limiters.is_of_another_process() {
            // SQLite forgets its locks there: closing either would damage what the other reads.
            return Err(HostError::new_err(format!(
                "{} was in use before a fork: use a rate limiter in the child alone, or in a process that was started anew",
                self.path.display()
            )));
        }
        let opened = py.detach(|| {
            open(&self.path).and_then(|store| host_harness::pipeline::RateLimiter::new(store, SystemClock::new()))
        });
        Ok(self.limiters.keep(opened.map_err(|error| HostError::new_err(error.to_string()))?))
    }
}

/// Opens the file. Others may open it at the same moment.
fn open(path: &Path) -> Result<Store, StoreError> {
    for wait in [100, 500, 2_000, 5_000].map(Duration::from_millis) {
        match Store::open(path) {
            Err(error) if error.may_pass() => std::thread::sleep(wait),
            opened => return opened,
        }
    }
    Store::open(path)
}

/// A rate limiter, which tasks share.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct RateLimiter(pub(crate) Arc<RateLimiterSource>);

#[pymethods]
impl RateLimiter {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let source = RateLimiterSource { path, limiters: PerProcess::new() };
        // What is wrong with the file is told here, and not by the first poll. It is opened by that, perhaps in a child.
        py.detach(|| open(&source.path).map(drop)).map_err(|error| HostError::new_err(error.to_string()))?;
        Ok(Self(Arc::new(source)))
    }
}
