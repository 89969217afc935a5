//! Resolved pipelines, whose tasks can be started.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::Descriptor;
use crate::pipeline::file::definition::OnFailure;
use crate::pipeline::file::source::Source;
use crate::store::NewTask;
use crate::{Arguments, Plugin, Redactor};

/// A pipeline that can be run: plugins loaded, secrets read, values checked against the plugins' descriptors.
#[derive(Clone, Debug)]
pub struct ResolvedPipeline {
    /// The name that runs are filed under.
    pub name: String,
    /// The tasks, in the order of the file.
    pub tasks: Vec<ResolvedTask>,
    /// The tasks by index, in an order in which they can start.
    pub order: Vec<usize>,
    /// A redactor of the secrets of all connections.
    pub redactor: Redactor,
    pub(crate) source: Source,
}

/// A task that can be started.
#[derive(Clone, Debug)]
pub struct ResolvedTask {
    /// Its name in the file.
    pub name: String,
    /// Its connection's index in [`Definition::connections`](crate::pipeline::Definition::connections).
    pub connection: usize,
    /// The arguments of its plugin's calls.
    pub arguments: Arguments,
    /// The plugin, with its connection's grants. Tasks share the compiled code.
    pub plugin: Plugin,
    /// The plugin's descriptor.
    pub descriptor: Arc<Descriptor>,
    /// The indices of the tasks that must have ended well before.
    pub after: Vec<usize>,
    /// The number of retries, made where the contract says that trying again is safe.
    pub retries: u32,
    /// The time limit for all its attempts together.
    pub timeout: Duration,
    /// The effect of its failure on the other tasks.
    pub on_failure: OnFailure,
}

impl ResolvedTask {
    /// Its record for a new run in the store.
    pub fn new_task(&self) -> NewTask {
        NewTask {
            name: self.name.clone(),
            tool: self.descriptor.tool.clone(),
            plugin: self.plugin_name(),
            plugin_sha256: self.plugin.sha256().to_owned(),
        }
    }

    /// Its plugin, by name and version.
    pub fn plugin_name(&self) -> String {
        format!("{} {}", self.descriptor.name, self.descriptor.version)
    }
}
