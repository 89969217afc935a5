//! The exceptions that the host itself raises. That of a call, `CallError`, is the package's.

use std::time::Duration;

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;

create_exception!(orchestrator_host, HostError, PyException, "The host cannot be set up on this machine.");
create_exception!(orchestrator_host, InputError, PyValueError, "An input does not fit what the plugin takes.");
create_exception!(orchestrator_host, LoadError, PyException, "A file cannot be loaded as a plugin.");

/// A time in seconds, as Python gives it.
pub(crate) fn seconds(name: &str, seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("`{name}` must be a time in seconds, not {seconds}: {error}")))
}
