//! Tasks as Python holds them: a plugin with its arguments and grants.

use std::sync::Arc;
use std::time::Duration;

use host_harness::contract::{Descriptor, Progress};
use host_harness::{Arguments, Function, Grant, SystemClock};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::Call;
use crate::exceptions::seconds;
use crate::plugin::PluginSource;
use crate::rate_limiter::{Limited, RateLimiterSource};
use crate::starts::Starts;
use crate::watch::Watch;
use crate::{outcome, poll_policy};

/// A task. Its calls run at once, each to its end unless it is abandoned.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct Task(Arc<TaskSource>);

/// What the calls of a task need.
pub(crate) struct TaskSource {
    plugin: Arc<PluginSource>,
    grants: Vec<Grant>,
    pub(crate) arguments: Arguments,
    descriptor: Descriptor,
    rate_limiter: Option<Arc<RateLimiterSource>>,
}

impl TaskSource {
    /// The plugin of this process, with the task's grants.
    pub(crate) fn plugin(&self, py: Python<'_>) -> PyResult<host_harness::Plugin> {
        Ok(self.plugin.plugin(py)?.allow(self.grants.iter().cloned()))
    }

    /// The calls of one run within the account's rate limit, if there is a rate limiter.
    pub(crate) fn limited(&self, py: Python<'_>, plugin: &host_harness::Plugin) -> PyResult<Option<Limited>> {
        let Some(source) = &self.rate_limiter else { return Ok(None) };
        Ok(Some(source.limiter(py)?.limited(plugin, &self.descriptor, &self.arguments)))
    }
}

impl Task {
    pub(crate) fn new(
        plugin: Arc<PluginSource>,
        grants: Vec<Grant>,
        arguments: Arguments,
        descriptor: Descriptor,
        rate_limiter: Option<Arc<RateLimiterSource>>,
    ) -> Self {
        Self(Arc::new(TaskSource { plugin, grants, arguments, descriptor, rate_limiter }))
    }

    /// Begins to settle a trigger by ages that are told when the call is made.
    fn begin_to_settle(
        &self,
        py: Python<'_>,
        ages: impl FnOnce() -> Option<Vec<Duration>> + Send + 'static,
    ) -> PyResult<Call> {
        let (task, plugin) = (Arc::clone(&self.0), self.0.plugin(py)?);
        let (limited, settlement) = (task.limited(py, &plugin)?, plugin.offers(Function::Settle));
        Call::begin(outcome::of_broken_off(Function::Settle, settlement), async move {
            let Some(ages) = ages() else { return outcome::of_no_age() };
            let call = plugin.settle(&task.arguments, &ages).await;
            spent(limited.as_ref(), &call);
            outcome::started(Function::Settle, call, settlement)
        })
    }
}

/// Polls a run, within the account's rate limit and this time if there is a rate limiter.
pub(crate) async fn poll(
    task: &TaskSource,
    plugin: &host_harness::Plugin,
    limited: Option<&mut Limited>,
    run: &str,
    within: Duration,
) -> host_harness::Call<Progress> {
    match limited {
        Some(limited) => limited.poll(run, within).await,
        None => plugin.poll(&task.arguments, run).await,
    }
}

/// Counts the requests of a call that nobody lets wait.
fn spent<T>(limited: Option<&Limited>, call: &host_harness::Call<T>) {
    if let Some(limited) = limited {
        limited.spent(call);
    }
}

#[pymethods]
impl Task {
    fn trigger(&self, py: Python<'_>) -> PyResult<Call> {
        let (task, plugin) = (Arc::clone(&self.0), self.0.plugin(py)?);
        let (limited, settlement) = (task.limited(py, &plugin)?, plugin.offers(Function::Settle));
        Call::begin(outcome::of_broken_off(Function::Trigger, settlement), async move {
            let call = plugin.trigger(&task.arguments).await;
            spent(limited.as_ref(), &call);
            outcome::started(Function::Trigger, call, settlement)
        })
    }

    /// Settles a trigger by what was written down of it: ages are told when the call is made.
    fn settle(&self, py: Python<'_>, starts: &Starts) -> PyResult<Call> {
        let starts = starts.0.clone();
        self.begin_to_settle(py, move || starts.ages_anywhere(&SystemClock::new()))
    }

    /// Settles a trigger by ages that the engine tells itself.
    fn settle_by_ages(&self, py: Python<'_>, ages: Vec<f64>) -> PyResult<Call> {
        let ages = ages.into_iter().map(|age| seconds("ages", age)).collect::<PyResult<Vec<Duration>>>()?;
        self.begin_to_settle(py, || Some(ages))
    }

    fn poll(&self, py: Python<'_>, run: String) -> PyResult<Call> {
        let (task, plugin) = (Arc::clone(&self.0), self.0.plugin(py)?);
        let mut limited = task.limited(py, &plugin)?;
        Call::begin(outcome::of_broken_off(Function::Poll, false), async move {
            outcome::of_run(&poll(&task, &plugin, limited.as_mut(), &run, Duration::MAX).await, &run)
        })
    }

    fn cancel(&self, py: Python<'_>, run: String) -> PyResult<Call> {
        let (task, plugin) = (Arc::clone(&self.0), self.0.plugin(py)?);
        let limited = task.limited(py, &plugin)?;
        Call::begin(outcome::of_broken_off(Function::Cancel, false), async move {
            let call = plugin.cancel(&task.arguments, &run).await;
            spent(limited.as_ref(), &call);
            outcome::of_run(&call, &run)
        })
    }

    fn check(&self, py: Python<'_>) -> PyResult<Call> {
        let (task, plugin) = (Arc::clone(&self.0), self.0.plugin(py)?);
        let limited = task.limited(py, &plugin)?;
        Call::begin(outcome::of_broken_off(Function::Check, false), async move {
            let call = plugin.check(&task.arguments).await;
            spent(limited.as_ref(), &call);
            outcome::checked(&call)
        })
    }

    /// Begins a watch over a run.
    #[pyo3(signature = (run, *, interval, ignore_hint, timeout, longest_retry))]
    fn watch(
        &self,
        run: String,
        interval: f64,
        ignore_hint: bool,
        timeout: f64,
        longest_retry: f64,
    ) -> PyResult<Watch> {
        let policy = poll_policy::policy(interval, ignore_hint, timeout, longest_retry)?;
        Ok(Watch::new(Arc::clone(&self.0), run, policy))
    }

    fn account_key(&self, py: Python<'_>, mix: &[u8]) -> PyResult<String> {
        let mix = mix
            .try_into()
            .map_err(|_| PyValueError::new_err(format!("`mix` must have 32 bytes, not {}", mix.len())))?;
        let key = self.0.plugin(py)?.account_key(mix, &self.0.descriptor, &self.0.arguments);
        Ok(key.as_str().to_owned())
    }
}
