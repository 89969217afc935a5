//! The calls that may have started one run, as Python holds them.

use host_harness::SystemClock;
use pyo3::prelude::*;

use crate::trigger_record::{TriggerRecord, from_json, to_json};

/// The calls that may have started a run.
#[pyclass(frozen, eq, module = "orchestrator_host")]
#[derive(Clone, PartialEq)]
pub(crate) struct Starts(pub(crate) host_harness::Starts);

#[pymethods]
impl Starts {
    #[new]
    fn new(trigger: &TriggerRecord) -> Self {
        Self(host_harness::Starts::triggered(trigger.0.clone()))
    }

    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        from_json("a list of the calls that may have started a run", text).map(Self)
    }

    fn to_json(&self) -> PyResult<String> {
        to_json(&self.0)
    }

    fn settled(&self, record: &TriggerRecord) -> Self {
        let mut starts = self.0.clone();
        starts.settled(record.0.clone());
        Self(starts)
    }

    fn taken_back(&self) -> Option<Self> {
        self.0.clone().taken_back().map(Self)
    }

    #[getter]
    fn settles(&self) -> u32 {
        self.0.settles()
    }

    #[getter]
    fn may_settle(&self) -> bool {
        self.0.may_settle()
    }

    fn ages(&self) -> Option<Vec<f64>> {
        let ages = self.0.ages_anywhere(&SystemClock::new())?;
        Some(ages.into_iter().map(|age| age.as_secs_f64()).collect())
    }

    fn __repr__(&self) -> PyResult<String> {
        Ok(format!("Starts.from_json({:?})", self.to_json()?))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (self.to_json()?,)))
    }
}
