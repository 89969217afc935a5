//! Records of triggers as Python holds them.

use host_harness::SystemClock;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// The record of a trigger that is about to be sent.
#[pyclass(frozen, eq, module = "orchestrator_host")]
#[derive(Clone, PartialEq)]
pub(crate) struct TriggerRecord(pub(crate) host_harness::TriggerRecord);

/// A value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A value from JSON that was kept.
pub(crate) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(format!("the text is not {what}: {error}")))
}

#[pymethods]
impl TriggerRecord {
    #[classattr]
    const SHOWN_AFTER: f64 = host_harness::TriggerRecord::SHOWN_AFTER.as_secs_f64();

    #[classattr]
    const CLOCKS_APART: f64 = host_harness::TriggerRecord::CLOCKS_APART.as_secs_f64();

    #[staticmethod]
    fn now() -> Self {
        Self(host_harness::TriggerRecord::now(&SystemClock::new()))
    }

    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        from_json("the record of a trigger", text).map(Self)
    }

    fn to_json(&self) -> PyResult<String> {
        to_json(&self.0)
    }

    fn age(&self) -> Option<f64> {
        self.0.age(&SystemClock::new()).map(|age| age.as_secs_f64())
    }

    fn age_anywhere(&self) -> Option<f64> {
        self.0.age_anywhere(&SystemClock::new()).map(|age| age.as_secs_f64())
    }

    fn __repr__(&self) -> PyResult<String> {
        Ok(format!("TriggerRecord.from_json({:?})", self.to_json()?))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (self.to_json()?,)))
    }
}
