//! Calls under way: whoever asks gets the outcome, on a thread or on an event loop.

use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::attaching::Attaching;
use crate::exceptions::seconds;
use crate::runtime;

/// How long a thread waits before it looks whether Python was interrupted.
const LOOK: Duration = Duration::from_millis(50);

/// A call under way, or ended.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct Call {
    shared: Arc<Shared>,
    work: AbortHandle,
    /// The process that makes the call.
    process: u32,
}

/// What the call and those who wait for it share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    outcome: Option<String>,
    waiting: Vec<Waiting>,
}

/// A callback, to be called on its event loop once the call has ended.
struct Waiting {
    event_loop: Py<PyAny>,
    callback: Py<PyAny>,
}

impl Waiting {
    /// The loop may be closed by now: then nobody waits there any more.
    fn wake(self, py: Python<'_>) {
        _ = self.event_loop.call_method1(py, "call_soon_threadsafe", (self.callback,));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, outcome: String) {
        let waiting = {
            let mut state = self.state();
            if state.outcome.is_some() {
                return;
            }
            state.outcome = Some(outcome);
            std::mem::take(&mut state.waiting)
        };
        self.ended.notify_all();
        if waiting.is_empty() {
            return;
        }
        // None once the interpreter shuts down, and its objects are not to be touched any more.
        let mut waiting = Some(waiting);
        if let Some(_attaching) = Attaching::begin() {
            Python::try_attach(|py| waiting.take().into_iter().flatten().for_each(|waiting| waiting.wake(py)));
        }
        std::mem::forget(waiting);
    }

    /// The outcome, if it comes within this time.
    fn wait(&self, time: Duration) -> Option<String> {
        let state = self.state();
        let (state, _) = self
            .ended
            .wait_timeout_while(state, time, |state| state.outcome.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        state.outcome.clone()
    }
}

/// Ends the call, whatever becomes of the work: without this, a crash or an abandoned call would leave others waiting.
struct Ending {
    shared: Arc<Shared>,
    broken_off: String,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.shared.end(std::mem::take(&mut self.broken_off));
    }
}

impl Call {
    /// Begins a call. Its outcome is `broken_off` where the work does not come to its end.
    pub(crate) fn begin(broken_off: String, work: impl Future<Output = String> + Send + 'static) -> PyResult<Self> {
        let shared = Arc::new(Shared::default());
        let ending = Ending { shared: Arc::clone(&shared), broken_off };
        let work = runtime::handle()?.spawn(async move {
            let outcome = work.await;
            ending.shared.end(outcome);
        });
        Ok(Self { shared, work: work.abort_handle(), process: process::id() })
    }

    /// The other process's locks may be held by threads that do not exist here.
    fn check_process(&self) -> PyResult<()> {
        if self.process == process::id() {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(format!(
            "the call was begun before a fork: its outcome is known to the process {} alone",
            self.process
        )))
    }
}

#[pymethods]
impl Call {
    /// Waits for the outcome, this many seconds at most. What a signal's handler raises ends the wait, and not the call.
    #[pyo3(signature = (timeout = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Option<String>> {
        self.check_process()?;
        let until = timeout.map(|timeout| seconds("timeout", timeout)).transpose()?;
        let until = until.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = until.map_or(LOOK, |until| until.saturating_duration_since(Instant::now()).min(LOOK));
            let outcome = py.detach(|| self.shared.wait(left));
            if outcome.is_some() || left.is_zero() {
                return Ok(outcome);
            }
            py.check_signals()?;
        }
    }

    /// Has the callback called on the event loop once the call has ended.
    fn notify(&self, event_loop: Py<PyAny>, callback: Py<PyAny>, py: Python<'_>) -> PyResult<()> {
        self.check_process()?;
        let waiting = Waiting { event_loop, callback };
        {
            let mut state = self.shared.state();
            if state.outcome.is_none() {
                state.waiting.push(waiting);
                return Ok(());
            }
        }
        waiting.wake(py);
        Ok(())
    }

    /// Breaks the call off, where it is of no use any more: its requests are dropped.
    fn abandon(&self) -> PyResult<()> {
        self.check_process()?;
        self.work.abort();
        Ok(())
    }
}
