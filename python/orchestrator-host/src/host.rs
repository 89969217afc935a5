//! Hosts as Python holds them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use host_harness::{CompileCache, Limit, LimitError, Limits};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::exceptions::{HostError, LoadError};
use crate::per_process::PerProcess;
use crate::plugin::Plugin;

/// A host: an engine and its limits. A child that was forked builds its own from what is kept here.
pub(crate) struct HostSource {
    limits: Limits,
    roots: Option<Vec<u8>>,
    cache: Option<CompileCache>,
    hosts: PerProcess<host_harness::Host>,
}

impl HostSource {
    /// The host of this process.
    pub(crate) fn host(&self, py: Python<'_>) -> PyResult<host_harness::Host> {
        if let Some(host) = self.hosts.get() {
            return Ok(host);
        }
        let limits = self.limits.clone();
        let host = py.detach(|| match &self.roots {
            Some(roots) => host_harness::Host::trusting(limits, roots),
            None => host_harness::Host::new(limits),
        });
        let host = host.map_err(|error| HostError::new_err(error.to_string()))?;
        Ok(self.hosts.keep(host.with_cache(self.cache.clone())))
    }
}

/// A host, into which plugins are loaded.
#[pyclass(frozen, module = "orchestrator_host._native")]
pub(crate) struct Host(Arc<HostSource>);

#[pymethods]
impl Host {
    #[new]
    fn new(
        py: Python<'_>,
        mut limits: BTreeMap<String, String>,
        roots: Option<Vec<u8>>,
        cache: Option<PathBuf>,
    ) -> PyResult<Self> {
        let invalid = |error: LimitError| PyValueError::new_err(error.to_string());
        let base = limits.remove("base").as_deref().map(Limits::named);
        let mut set = base.transpose().map_err(invalid)?.unwrap_or_default();
        for (name, value) in limits {
            let limit = name.parse::<Limit>();
            let done = limit.and_then(|limit| set.set(limit, &value));
            done.map_err(invalid)?;
        }
        let cache = cache.map(CompileCache::open).transpose();
        let cache = cache.map_err(|error| HostError::new_err(error.to_string()))?;
        let source = HostSource { limits: set, roots, cache, hosts: PerProcess::new() };
        // What is wrong with the machine or the certificates is told here, and not by the first call.
        source.host(py)?;
        Ok(Self(Arc::new(source)))
    }

    /// The default folder of a compile cache.
    #[staticmethod]
    fn cache_folder() -> Option<PathBuf> {
        CompileCache::default_folder()
    }

    fn load(&self, py: Python<'_>, component: &Bound<'_, PyAny>) -> PyResult<Plugin> {
        let host = self.0.host(py)?;
        if let Ok(bytes) = component.cast::<PyBytes>() {
            return Plugin::load(py, &self.0, &host, bytes.as_bytes().to_vec())
                .map_err(|error| LoadError::new_err(error.to_string()));
        }
        let path: PathBuf = component.extract()?;
        // An unreadable file is named by the error already.
        let bytes = py.detach(|| host.read(&path)).map_err(|error| LoadError::new_err(error.to_string()))?;
        Plugin::load(py, &self.0, &host, bytes)
            .map_err(|error| LoadError::new_err(format!("{} cannot be loaded: {error}", path.display())))
    }
}
