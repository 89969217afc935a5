//! Plugins as Python holds them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use host_harness::contract::Descriptor;
use host_harness::{Function, Grant};
use pyo3::prelude::*;

use crate::exceptions::{InputError, LoadError};
use crate::host::HostSource;
use crate::per_process::PerProcess;
use crate::rate_limiter::RateLimiter;
use crate::task::Task;
use crate::{inputs, outcome, runtime};

/// A plugin: its component, which a child that was forked compiles anew.
pub(crate) struct PluginSource {
    host: Arc<HostSource>,
    component: Vec<u8>,
    plugins: PerProcess<host_harness::Plugin>,
    /// What it says of itself: the same each time.
    descriptor: OnceLock<Descriptor>,
}

impl PluginSource {
    /// The plugin of this process.
    pub(crate) fn plugin(&self, py: Python<'_>) -> PyResult<host_harness::Plugin> {
        if let Some(plugin) = self.plugins.get() {
            return Ok(plugin);
        }
        let host = self.host.host(py)?;
        let plugin = py.detach(|| host.load_bytes(&self.component));
        Ok(self.plugins.keep(plugin.map_err(|error| LoadError::new_err(error.to_string()))?))
    }

    /// The descriptor, or why there is none as the outcome of the call.
    fn describe(&self, py: Python<'_>) -> PyResult<Result<&Descriptor, String>> {
        if let Some(descriptor) = self.descriptor.get() {
            return Ok(Ok(descriptor));
        }
        let (plugin, runtime) = (self.plugin(py)?, runtime::handle()?);
        let call = py.detach(|| runtime.block_on(plugin.describe()));
        Ok(match &call.outcome {
            Ok(descriptor) => Ok(self.descriptor.get_or_init(|| descriptor.clone())),
            Err(error) => Err(outcome::undescribed(&call, error)),
        })
    }
}

/// A plugin, compiled.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct Plugin(Arc<PluginSource>);

impl Plugin {
    /// Compiles a component, which may take a while.
    pub(crate) fn load(
        py: Python<'_>,
        source: &Arc<HostSource>,
        host: &host_harness::Host,
        component: Vec<u8>,
    ) -> Result<Self, host_harness::LoadError> {
        let plugin = py.detach(|| host.load_bytes(&component))?;
        let plugins = PerProcess::new();
        plugins.keep(plugin);
        let descriptor = OnceLock::new();
        Ok(Self(Arc::new(PluginSource { host: Arc::clone(source), component, plugins, descriptor })))
    }
}

#[pymethods]
impl Plugin {
    /// The digest of the component.
    #[getter]
    fn sha256(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.plugin(py)?.sha256().to_owned())
    }

    /// The names of the functions that it exports.
    fn functions(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let plugin = self.0.plugin(py)?;
        Ok(Function::ALL.into_iter().filter(|function| plugin.offers(*function)).map(|it| it.to_string()).collect())
    }

    /// The descriptor, or the error, as an outcome.
    fn describe(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.describe(py)?.map_or_else(|failed| failed, outcome::described))
    }

    /// A task. The plugin was described before.
    #[allow(clippy::too_many_arguments, reason = "the package gives them by name")]
    #[pyo3(signature = (*, connection, secrets, parameters, allow, allow_internal, expose_secrets, rate_limiter))]
    fn task(
        &self,
        py: Python<'_>,
        connection: BTreeMap<String, Bound<'_, PyAny>>,
        secrets: BTreeMap<String, Bound<'_, PyAny>>,
        parameters: BTreeMap<String, Bound<'_, PyAny>>,
        allow: Vec<String>,
        allow_internal: Vec<String>,
        expose_secrets: bool,
        rate_limiter: Option<&RateLimiter>,
    ) -> PyResult<Task> {
        let grants: Vec<Grant> = inputs::grants(allow, allow_internal)?;
        let inputs = inputs::inputs(connection, secrets, parameters)?;
        let descriptor = self.0.describe(py)?.map_err(InputError::new_err)?;
        let arguments = inputs.resolve(descriptor);
        // What was mistaken for a plain value may be a secret that was given, too.
        let arguments = arguments.map_err(|error| InputError::new_err(inputs.redactor().text(&error.to_string())))?;
        let arguments = if expose_secrets { arguments.expose_secrets() } else { arguments };
        let rate_limiter = rate_limiter.map(|rate_limiter| Arc::clone(&rate_limiter.0));
        Ok(Task::new(Arc::clone(&self.0), grants, arguments, descriptor.clone(), rate_limiter))
    }
}
