//! Pipeline definitions: a file's content, checked as far as possible without its plugins.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::contract::Value;
use crate::pipeline::file::parser;
use crate::pipeline::file::problem::Diagnostics;
use crate::pipeline::file::source::Source;
use crate::{Grant, Limits, Origin, SecretReference};

/// A checked pipeline: every name refers to something, and no task waits for itself.
///
/// Whether the plugins accept their inputs shows once they are [loaded](Self::load).
#[derive(Clone, Debug)]
pub struct Definition {
    /// The name that runs are filed under.
    pub name: String,
    /// The connections, in the order of the file.
    pub connections: Vec<ConnectionDefinition>,
    /// The tasks, in the order of the file.
    pub tasks: Vec<TaskDefinition>,
    /// The tasks by index, in an order in which they can start: each after its predecessors.
    pub order: Vec<usize>,
    pub(crate) source: Source,
}

/// A connection: how tasks reach one account of a tool.
#[derive(Clone, Debug)]
pub struct ConnectionDefinition {
    /// Its name in the file.
    pub name: String,
    /// The plugin's file, relative to the pipeline file's folder.
    pub plugin: PathBuf,
    /// The values of the connection's fields that are not secret.
    pub fields: Vec<Entry<Value>>,
    /// The secrets' references; a file's path is relative to the pipeline file's folder.
    pub secrets: Vec<Entry<SecretReference>>,
    /// The origins of each secret that may go to fewer than the plugin may reach.
    pub secret_origins: Vec<Entry<Vec<Origin>>>,
    /// The grants: what the plugin may send.
    pub grants: Vec<Grant>,
    /// True if the plugin is given the secrets themselves.
    pub expose_secrets: bool,
    /// The limits of its calls.
    pub limits: Limits,
    /// The position of its name in the file.
    pub(crate) place: Range<usize>,
    /// The position of its plugin in the file.
    pub(crate) plugin_place: Range<usize>,
}

/// A task: a run of a tool, and when it is started.
#[derive(Clone, Debug)]
pub struct TaskDefinition {
    /// Its name in the file.
    pub name: String,
    /// The index of its connection.
    pub connection: usize,
    /// The values of the plugin's parameters.
    pub parameters: Vec<Entry<Value>>,
    /// The indices of the tasks that must have ended well before.
    pub after: Vec<usize>,
    /// The number of retries, made where the contract says that trying again is safe.
    pub retries: u32,
    /// The time limit for all its attempts together.
    pub timeout: Duration,
    /// The effect of its failure on the other tasks.
    pub on_failure: OnFailure,
    /// The position of its name in the file.
    pub(crate) place: Range<usize>,
}

/// A name and its value in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<T> {
    /// The name.
    pub name: String,
    /// The value.
    pub value: T,
    /// The position of the name in the file.
    pub(crate) name_place: Range<usize>,
    /// The position of the value in the file.
    pub(crate) value_place: Range<usize>,
}

/// The effect of a task's failure on the other tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The tasks after it are skipped.
    #[default]
    Skip,
    /// The tasks after it start all the same.
    Continue,
    /// No further task is started; those that run go on to their ends.
    Stop,
}

impl OnFailure {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Continue, Self::Stop];

    /// The name in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Continue => "continue",
            Self::Stop => "stop",
        }
    }
}

impl Definition {
    /// Parses a pipeline. Paths in it are relative to the folder of `file`.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Diagnostics> {
        parser::read(Source::new(file, text))
    }

    /// The text that was parsed.
    pub fn text(&self) -> &str {
        self.source.as_str()
    }

    /// The connections that no task uses. They are not loaded.
    pub fn unused(&self) -> impl Iterator<Item = &ConnectionDefinition> {
        let connections = self.connections.iter().enumerate();
        connections.filter(|(index, _)| !self.is_used(*index)).map(|(_, connection)| connection)
    }

    /// True if a task uses the connection with this index.
    pub(crate) fn is_used(&self, connection: usize) -> bool {
        self.tasks.iter().any(|task| task.connection == connection)
    }
}
