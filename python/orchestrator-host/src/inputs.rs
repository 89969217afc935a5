//! Inputs as Python gives them: mappings from names to values.

use std::collections::BTreeMap;

use host_harness::contract::Value;
use host_harness::{Grant, Inputs};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use crate::exceptions::InputError;
use crate::secret::Secret;

/// A value for a field: text is parsed as the field's kind.
enum Input {
    Text(String),
    Value(Value),
}

impl Input {
    /// In this order: in Python a boolean is an integer, too.
    fn of(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.cast::<PyString>() {
            Ok(Self::Text(text.extract()?))
        } else if value.is_instance_of::<PyBool>() {
            Ok(Self::Value(Value::Boolean(value.extract()?)))
        } else if value.is_instance_of::<PyInt>() {
            let number = value.extract();
            let number = number.map_err(|_| InputError::new_err(format!("`{name}` does not fit into 64 bits")))?;
            Ok(Self::Value(Value::Integer(number)))
        } else if value.is_instance_of::<PyFloat>() {
            Ok(Self::Value(Value::Decimal(value.extract()?)))
        } else if value.is_instance_of::<Secret>() {
            Err(PyTypeError::new_err(format!("`{name}` is given as a secret: give it in `secrets`")))
        } else {
            let kind = value.get_type().name()?;
            Err(PyTypeError::new_err(format!("`{name}` must be a str, a bool, an int or a float, not {kind}")))
        }
    }
}

/// The values by name. They are ordered, so that the first error is always the same.
type Values<'py> = BTreeMap<String, Bound<'py, PyAny>>;

/// The inputs of a task.
pub(crate) fn inputs(connection: Values<'_>, secrets: Values<'_>, parameters: Values<'_>) -> PyResult<Inputs> {
    let mut inputs = Inputs::default();
    for (name, value) in connection {
        inputs = match Input::of(&name, &value)? {
            Input::Text(text) => inputs.connection(name, text),
            Input::Value(value) => inputs.connection_value(name, value),
        };
    }
    for (name, value) in parameters {
        inputs = match Input::of(&name, &value)? {
            Input::Text(text) => inputs.parameter(name, text),
            Input::Value(value) => inputs.parameter_value(name, value),
        };
    }
    for (name, value) in secrets {
        let Ok(secret) = value.cast::<Secret>() else {
            let message = format!("the secret `{name}` must be given as an orchestrator_host.Secret");
            return Err(PyTypeError::new_err(message));
        };
        inputs = inputs.secret(name, secret.get().0.clone());
    }
    Ok(inputs)
}

/// The grants of a task: of public origins, and of those that may lead into this machine's own networks.
pub(crate) fn grants(public: Vec<String>, internal: Vec<String>) -> PyResult<Vec<Grant>> {
    let parse = |text: String| text.parse::<Grant>().map_err(|error| InputError::new_err(error.to_string()));
    let internal = internal.into_iter().map(|text| parse(text).map(Grant::internal));
    public.into_iter().map(parse).chain(internal).collect()
}
