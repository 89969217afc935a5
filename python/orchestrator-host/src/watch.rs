//! Watches as Python holds them: the library's state machine, fed by polls that the engine asks for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use host_harness::contract::Progress;
use host_harness::{CallError, Function, PollPolicy, WatchAction, WatchEnd};
use pyo3::prelude::*;

use crate::call::Call;
use crate::outcome;
use crate::per_process::PerProcess;
use crate::rate_limiter::Limited;
use crate::task::{TaskSource, poll};

/// A watch over one run.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct Watch {
    task: Arc<TaskSource>,
    watched: Arc<Watched>,
    /// Within an account's rate limit one poll is made at a time. None within where there is no rate limiter.
    limited: PerProcess<Option<Arc<tokio::sync::Mutex<Limited>>>>,
}

/// The state machine and when it wants the next poll.
struct Watched {
    begun: Instant,
    state: Mutex<State>,
}

struct State {
    watch: host_harness::Watch,
    /// None: the watch has ended.
    due: Option<Duration>,
    timed_out: bool,
}

impl Watched {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rest of the timeout.
    fn left(&self) -> Duration {
        self.state().watch.until().saturating_sub(self.begun.elapsed())
    }

    fn answered(&self, answer: Result<Progress, CallError>) {
        let mut state = self.state();
        let now = self.begun.elapsed();
        let action = match answer {
            // The rate limit left no room for it until then.
            Err(CallError::NotMade { .. }) if now >= state.watch.until() => state.watch.overdue(),
            answer => state.watch.answered(now, Function::Poll, answer),
        };
        state.timed_out = matches!(action, WatchAction::End(WatchEnd::TimedOut { .. }));
        state.due = match action {
            WatchAction::Wait { until, .. } => Some(until),
            WatchAction::Call(_) => Some(self.begun.elapsed()),
            WatchAction::End(_) => None,
        };
    }
}

impl Watch {
    pub(crate) fn new(task: Arc<TaskSource>, run: String, policy: PollPolicy) -> Self {
        let begun = Instant::now();
        let watch = host_harness::Watch::new(policy, Duration::ZERO, Some(run));
        let state = Mutex::new(State { watch, due: Some(Duration::ZERO), timed_out: false });
        Self { task, watched: Arc::new(Watched { begun, state }), limited: PerProcess::new() }
    }
}

#[pymethods]
impl Watch {
    /// How long to wait before the next poll, in seconds. None: the watch has ended.
    #[getter]
    fn wait(&self) -> Option<f64> {
        let due = self.watched.state().due?;
        Some(due.saturating_sub(self.watched.begun.elapsed()).as_secs_f64())
    }

    /// Whether the watch has ended by its timeout: the run goes on.
    #[getter]
    fn timed_out(&self) -> bool {
        self.watched.state().timed_out
    }

    /// The run, as the last poll handed it back.
    #[getter]
    fn run(&self) -> String {
        self.watched.state().watch.run().unwrap_or_default().to_owned()
    }

    fn poll(&self, py: Python<'_>) -> PyResult<Call> {
        let (task, watched, run) = (Arc::clone(&self.task), Arc::clone(&self.watched), self.run());
        let plugin = task.plugin(py)?;
        let limited = match self.limited.get() {
            Some(limited) => limited,
            None => {
                self.limited.keep(task.limited(py, &plugin)?.map(|limited| Arc::new(tokio::sync::Mutex::new(limited))))
            }
        };
        Call::begin(outcome::of_broken_off(Function::Poll, false), async move {
            let mut limited = match &limited {
                Some(limited) => Some(limited.lock().await),
                None => None,
            };
            let call = poll(&task, &plugin, limited.as_deref_mut(), &run, watched.left()).await;
            watched.answered(call.outcome.clone());
            outcome::of_run(&call, &run)
        })
    }
}
