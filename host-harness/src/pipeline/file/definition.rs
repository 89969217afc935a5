//! A pipeline as its file defines it, checked as far as that goes without its plugins.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::contract::Value;
use crate::pipeline::file::parser;
use crate::pipeline::file::problem::Diagnostics;
use crate::pipeline::file::source::Source;
use crate::{Grant, Limits, Origin, SecretReference};

/// A pipeline, checked: every name leads somewhere and no task waits for itself.
///
/// Whether the plugins take what they are given is known once they are [loaded](Self::load).
#[derive(Clone, Debug)]
pub struct Definition {
    /// What runs are filed under.
    pub name: String,
    /// The connections, in the order of the file.
    pub connections: Vec<ConnectionDefinition>,
    /// The tasks, in the order of the file.
    pub tasks: Vec<TaskDefinition>,
    /// The tasks by index, in an order in which they can start: each behind those that it comes after.
    pub order: Vec<usize>,
    pub(crate) source: Source,
}

/// How tasks reach one account of a tool.
#[derive(Clone, Debug)]
pub struct ConnectionDefinition {
    /// Its name in the file.
    pub name: String,
    /// The plugin's file, from the folder of the pipeline's file.
    pub plugin: PathBuf,
    /// The values of the connection's fields that are no secrets.
    pub fields: Vec<Entry<Value>>,
    /// Where the secrets are read; a file's path is from the folder of the pipeline's file.
    pub secrets: Vec<Entry<SecretReference>>,
    /// For secrets, by name, that may go to fewer origins than the plugin may reach: those origins.
    pub secret_origins: Vec<Entry<Vec<Origin>>>,
    /// What the plugin may send.
    pub grants: Vec<Grant>,
    /// Whether the plugin is given the secrets themselves.
    pub expose_secrets: bool,
    /// What its calls may take.
    pub limits: Limits,
    /// Where its name is in the file.
    pub(crate) place: Range<usize>,
    /// Where its plugin is in the file.
    pub(crate) plugin_place: Range<usize>,
}

/// One task: a run of a tool, and when it is started.
#[derive(Clone, Debug)]
pub struct TaskDefinition {
    /// Its name in the file.
    pub name: String,
    /// Its connection, by its index.
    pub connection: usize,
    /// What it is about.
    pub parameters: Vec<Entry<Value>>,
    /// The tasks that must have ended well before, by their index.
    pub after: Vec<usize>,
    /// How many further attempts are made where trying again is safe.
    pub retries: u32,
    /// How long it may take, all attempts together.
    pub timeout: Duration,
    /// What its bad end does to the others.
    pub on_failure: OnFailure,
    /// Where its name is in the file.
    pub(crate) place: Range<usize>,
}

/// A name and what it is given in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<T> {
    /// The name.
    pub name: String,
    /// What it is given.
    pub value: T,
    /// Where the name is in the file.
    pub(crate) name_place: Range<usize>,
    /// Where the value is in the file.
    pub(crate) value_place: Range<usize>,
}

/// What the bad end of a task does to the other tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The tasks after it are skipped.
    #[default]
    Skip,
    /// The tasks after it start all the same.
    Continue,
    /// No task is started any more; those that run go on to their ends.
    Stop,
}

impl OnFailure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Continue, Self::Stop];

    /// What the file calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Continue => "continue",
            Self::Stop => "stop",
        }
    }
}

impl Definition {
    /// Reads a pipeline's text. `file` says where it is: what it names is from that folder.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Diagnostics> {
        parser::read(Source::new(file, text))
    }

    /// What was read.
    pub fn text(&self) -> &str {
        self.source.as_str()
    }

    /// The path of the file that it was read from.
    pub fn file(&self) -> &Path {
        self.source.file()
    }

    /// The connections that no task uses. They are not loaded.
    pub fn unused(&self) -> impl Iterator<Item = &ConnectionDefinition> {
        let connections = self.connections.iter().enumerate();
        connections.filter(|(index, _)| !self.is_used(*index)).map(|(_, connection)| connection)
    }

    /// Whether a task uses the connection with this index.
    pub(crate) fn is_used(&self, connection: usize) -> bool {
        self.tasks.iter().any(|task| task.connection == connection)
    }
}
