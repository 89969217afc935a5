//! A pipeline whose tasks can be started.

use std::sync::Arc;
use std::time::Duration;

use crate::contract::Descriptor;
use crate::pipeline::file::definition::OnFailure;
use crate::store::NewTask;
use crate::{Arguments, Plugin, Redactor};

/// A pipeline that can be run: its plugins are loaded, its secrets read, its values checked against what the plugins take.
#[derive(Clone, Debug)]
pub struct ResolvedPipeline {
    /// What runs are filed under.
    pub name: String,
    /// The tasks, in the order of the file.
    pub tasks: Vec<ResolvedTask>,
    /// The tasks by index, in an order in which they can start.
    pub order: Vec<usize>,
    /// Hides the secrets of all connections.
    pub redactor: Redactor,
}

/// A task that can be started.
#[derive(Clone, Debug)]
pub struct ResolvedTask {
    /// Its name in the file.
    pub name: String,
    /// Its connection's index in [`Definition::connections`](super::Definition::connections).
    pub connection: usize,
    /// What its plugin is called with.
    pub arguments: Arguments,
    /// The plugin, with what its connection grants. Tasks share what was compiled.
    pub plugin: Plugin,
    /// What the plugin says of itself.
    pub descriptor: Arc<Descriptor>,
    /// The tasks that must have ended well before, by their index.
    pub after: Vec<usize>,
    /// How many further attempts are made where trying again is safe.
    pub retries: u32,
    /// How long it may take, all attempts together.
    pub timeout: Duration,
    /// What its bad end does to the others.
    pub on_failure: OnFailure,
}

impl ResolvedTask {
    /// What a store keeps of it.
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
