//! Loading a pipeline: from its definition to plugins that are ready to be called. All its I/O is here.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contract::Descriptor;
use crate::pipeline::file::definition::{ConnectionDefinition, Definition, TaskDefinition};
use crate::pipeline::file::diagnostics::{DiagnosticCollector, RawDiagnostic};
use crate::pipeline::file::input_diagnostics;
use crate::pipeline::file::problem::Diagnostics;
use crate::pipeline::file::resolved::{ResolvedPipeline, ResolvedTask};
use crate::pipeline::file::source::Source;
use crate::{CompileCache, Host, Inputs, Limits, LoadError, Plugin, Redactor, Secret};

/// The largest pipeline file, in bytes.
const LONGEST: usize = 1 << 20;

impl Definition {
    /// Reads a pipeline's file, of at most 1 MiB.
    pub fn open(path: &Path) -> Result<Self, Diagnostics> {
        let text = File::open(path).and_then(read);
        let text = text.map_err(|error| Source::new(path, "").whole(format!("it cannot be read: {error}")))?;
        Self::parse(&text, path)
    }

    /// Loads the plugins, from the cache where there is one, reads the secrets and checks the values of every task. Starts nothing,
    /// and needs no network.
    ///
    /// Compiling a plugin blocks the thread: see [`Host::load`].
    pub async fn load(&self, cache: Option<&CompileCache>) -> Result<ResolvedPipeline, Diagnostics> {
        let mut flaws = DiagnosticCollector::default();
        let mut loader = Loader { cache: cache.cloned(), ..Loader::default() };
        let mut connections = Vec::new();
        for (index, connection) in self.connections.iter().enumerate() {
            let connected = if self.is_used(index) { loader.connect(connection, &mut flaws).await } else { None };
            connections.push(connected);
        }
        let task = |task: &TaskDefinition| {
            let connected = connections[task.connection].as_ref()?;
            Some(connected.task(task, &self.connections[task.connection], &mut flaws))
        };
        let tasks: Vec<_> = self.tasks.iter().filter_map(task).collect();
        flaws.unless_any(self.source.clone(), |source| {
            let redactor = Redactor::new(loader.secrets);
            Some(ResolvedPipeline { name: self.name.clone(), tasks, order: self.order.clone(), redactor, source })
        })
    }
}

/// Reads the text of a file.
fn read(file: impl Read) -> io::Result<String> {
    let mut text = String::new();
    file.take(LONGEST as u64 + 1).read_to_string(&mut text)?;
    if text.len() > LONGEST {
        return Err(io::Error::other(format!("it is longer than {} KiB", LONGEST >> 10)));
    }
    Ok(text)
}

/// A connection with its plugin loaded.
struct Connected {
    plugin: Plugin,
    descriptor: Arc<Descriptor>,
    /// Its fields and secrets.
    inputs: Inputs,
}

impl Connected {
    fn task(
        &self,
        task: &TaskDefinition,
        connection: &ConnectionDefinition,
        flaws: &mut DiagnosticCollector,
    ) -> ResolvedTask {
        let mut inputs = self.inputs.clone();
        for parameter in &task.parameters {
            inputs = inputs.parameter_value(&parameter.name, parameter.value.clone());
        }
        let (arguments, errors) = inputs.resolve_all(&self.descriptor);
        input_diagnostics::show_known(&self.descriptor, connection, task, flaws);
        for (list, error) in errors {
            input_diagnostics::tell(list, &error, connection, task, flaws);
        }
        ResolvedTask {
            name: task.name.clone(),
            connection: task.connection,
            arguments: if connection.expose_secrets { arguments.expose_secrets() } else { arguments },
            plugin: self.plugin.clone(),
            descriptor: Arc::clone(&self.descriptor),
            after: task.after.clone(),
            retries: task.retries,
            timeout: task.timeout,
            on_failure: task.on_failure,
        }
    }
}

/// The state shared by all connections.
#[derive(Default)]
struct Loader {
    cache: Option<CompileCache>,
    hosts: Vec<Host>,
    plugins: Vec<Loaded>,
    /// The secrets of all connections.
    secrets: Vec<Secret>,
}

#[derive(Clone)]
struct Loaded {
    path: PathBuf,
    limits: Limits,
    plugin: Plugin,
    descriptor: Arc<Descriptor>,
}

impl Loader {
    async fn connect(
        &mut self,
        connection: &ConnectionDefinition,
        flaws: &mut DiagnosticCollector,
    ) -> Option<Connected> {
        let inputs = self.inputs(connection, flaws);
        let loaded = self.load(connection).await;
        let loaded = flaws.keep(loaded.map_err(|error| RawDiagnostic::new(connection.plugin_place.clone(), error)))?;
        let plugin = loaded.plugin.allow(connection.grants.iter().cloned());
        Some(Connected { plugin, descriptor: loaded.descriptor, inputs })
    }

    /// The connection's fields and secrets.
    fn inputs(&mut self, connection: &ConnectionDefinition, flaws: &mut DiagnosticCollector) -> Inputs {
        let mut inputs = Inputs::default();
        for field in &connection.fields {
            inputs = inputs.connection_value(&field.name, field.value.clone());
        }
        for entry in &connection.secrets {
            let read = entry.value.read(&entry.name);
            let read = read.map_err(|error| RawDiagnostic::new(entry.value_place.clone(), error.to_string()));
            let Some(secret) = flaws.keep(read) else { continue };
            self.secrets.push(secret.clone());
            let origins = connection.secret_origins.iter().find(|origins| origins.name == entry.name);
            let secret = match origins {
                Some(origins) => secret.only_for(origins.value.iter().cloned()),
                None => secret,
            };
            inputs = inputs.secret(&entry.name, secret);
        }
        inputs
    }

    /// The connection's plugin, in a host with its limits. Each is made once.
    async fn load(&mut self, connection: &ConnectionDefinition) -> Result<Loaded, String> {
        let ConnectionDefinition { plugin: path, limits, .. } = connection;
        if let Some(loaded) = self.plugins.iter().find(|loaded| loaded.path == *path && loaded.limits == *limits) {
            return Ok(loaded.clone());
        }
        let plugin = self.host(limits)?.load(path).map_err(|error| not_loaded(&error, path))?;
        let descriptor = plugin.describe().await.outcome.map_err(|error| error.to_string())?;
        let loaded = Loaded { path: path.clone(), limits: limits.clone(), plugin, descriptor: Arc::new(descriptor) };
        self.plugins.push(loaded.clone());
        Ok(loaded)
    }

    fn host(&mut self, limits: &Limits) -> Result<Host, String> {
        if let Some(host) = self.hosts.iter().find(|host| host.limits() == limits) {
            return Ok(host.clone());
        }
        let host = Host::new(limits.clone()).map_err(|error| error.to_string())?.with_cache(self.cache.clone());
        self.hosts.push(host.clone());
        Ok(host)
    }
}

fn not_loaded(error: &LoadError, path: &Path) -> String {
    match error {
        LoadError::Unreadable { .. } => error.to_string(),
        LoadError::LimitExceeded { passed } => {
            let limits: Vec<_> = passed.iter().map(|passed| format!("`{}`", passed.exceeded.limit.name())).collect();
            let (it, limits) = (if limits.len() == 1 { "it" } else { "them" }, limits.join(", "));
            let exceeded: Vec<_> = passed.iter().map(|passed| passed.exceeded).collect();
            let named = Limits::raising(&exceeded)
                .map(|name| format!(", or `limits = \"{name}\"` for a plugin that carries an interpreter"));
            format!(
                "{} is not a plugin that can be run here: {error}: to raise {it}, set {limits} in `limits`{}",
                path.display(),
                named.unwrap_or_default()
            )
        }
        error => format!("{} is not a plugin that can be run here: {error}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_end_is_not_read_to_its_end() {
        assert_eq!(read(io::repeat(b' ')).unwrap_err().to_string(), "it is longer than 1024 KiB");
        assert_eq!(read(io::repeat(b' ').take(LONGEST as u64)).unwrap().len(), LONGEST);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Definition::open(Path::new("no/such.toml")).unwrap_err();
        assert_eq!(error.to_string(), "no/such.toml: it cannot be read: No such file or directory (os error 2)");
    }

    #[test]
    fn connections_with_equal_limits_share_a_host() {
        let mut loader = Loader::default();
        for requests in [7, 8, 7] {
            assert_eq!(loader.host(&Limits { requests, ..Limits::default() }).unwrap().limits().requests, requests);
        }
        assert_eq!(loader.hosts.len(), 2);
    }
}
