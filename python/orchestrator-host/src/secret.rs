//! Secrets as Python holds them.

use host_harness::{Origin, SecretReference};
use pyo3::exceptions::{PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// A secret, such as an access token.
#[pyclass(frozen, module = "orchestrator_host")]
pub(crate) struct Secret(pub(crate) host_harness::Secret);

impl Secret {
    fn keep(secret: host_harness::Secret, only_for: Option<Vec<String>>) -> PyResult<Self> {
        let Some(only_for) = only_for else { return Ok(Self(secret)) };
        let origins = only_for.iter().map(|origin| origin.parse()).collect::<Result<Vec<Origin>, _>>();
        let origins = origins.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self(secret.only_for(origins)))
    }
}

#[pymethods]
impl Secret {
    #[new]
    #[pyo3(signature = (text, *, only_for = None))]
    fn new(text: &Bound<'_, PyString>, only_for: Option<Vec<String>>) -> PyResult<Self> {
        // Python's own error would hold the text.
        let text = text.to_cow().map_err(|_| PyValueError::new_err("a secret must be text that UTF-8 can encode"))?;
        Self::keep(host_harness::Secret::new(&*text), only_for)
    }

    #[staticmethod]
    #[pyo3(signature = (reference, *, only_for = None))]
    fn read(py: Python<'_>, reference: &str, only_for: Option<Vec<String>>) -> PyResult<Self> {
        let parsed: SecretReference = reference
            .parse()
            .map_err(|error: host_harness::ParseSecretReferenceError| PyValueError::new_err(error.to_string()))?;
        let secret = py.detach(|| parsed.read(reference)).map_err(|error| PyOSError::new_err(error.to_string()))?;
        Self::keep(secret, only_for)
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "***"
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __format__(&self, _specification: &str) -> &'static str {
        "***"
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __reduce_ex__(&self, _protocol: i32) -> PyResult<()> {
        let message =
            "a secret cannot be pickled: send its reference, such as env:VARIABLE, and read it where it is used";
        Err(PyTypeError::new_err(message))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}
