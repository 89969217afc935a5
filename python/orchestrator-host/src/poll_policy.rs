//! The rules of waiting, for engines that keep the rhythm themselves.

use std::time::Duration;

use host_harness::PollPolicy;
use pyo3::prelude::*;

use crate::exceptions::seconds;

/// A policy of the times that it is about, in seconds.
pub(crate) fn policy(interval: f64, ignore_hint: bool, timeout: f64, longest_retry: f64) -> PyResult<PollPolicy> {
    Ok(PollPolicy {
        interval: seconds("interval", interval)?,
        ignore_hint,
        timeout: seconds("timeout", timeout)?,
        longest_retry: seconds("longest_retry", longest_retry)?,
        ..PollPolicy::default()
    })
}

/// Raises `ValueError` for a policy that is none.
#[pyfunction]
pub(crate) fn check_policy(interval: f64, ignore_hint: bool, timeout: f64, longest_retry: f64) -> PyResult<()> {
    policy(interval, ignore_hint, timeout, longest_retry).map(drop)
}

/// How long to wait for the next poll.
#[pyfunction]
pub(crate) fn poll_wait(interval: f64, ignore_hint: bool, hint: f64) -> PyResult<f64> {
    let policy = PollPolicy { interval: seconds("interval", interval)?, ignore_hint, ..PollPolicy::default() };
    Ok(policy.wait(seconds("poll_after", hint)?).as_secs_f64())
}

/// How long to wait after a poll that failed.
#[pyfunction]
pub(crate) fn poll_retry(longest_retry: f64, rhythm: f64, failures: u32, asked: Option<f64>) -> PyResult<f64> {
    let policy = PollPolicy { longest_retry: seconds("longest_retry", longest_retry)?, ..PollPolicy::default() };
    Ok(policy.retry(seconds("rhythm", rhythm)?, failures, time("retry_after", asked)?).as_secs_f64())
}

/// How long to wait before a trigger or a settle is made again.
#[pyfunction]
pub(crate) fn start_backoff(failures: u32, asked: Option<f64>) -> PyResult<f64> {
    Ok(host_harness::start_backoff(failures, time("retry_after", asked)?).as_secs_f64())
}

fn time(name: &str, time: Option<f64>) -> PyResult<Option<Duration>> {
    time.map(|time| seconds(name, time)).transpose()
}
