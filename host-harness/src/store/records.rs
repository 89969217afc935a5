//! Records: the store's runs, tasks, attempts and transitions.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Outcome, TaskState};
use crate::contract::Report;
use crate::document::ErrorDocument;
use crate::{CallError, Uptime};

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = $what]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(PipelineRunId, "The number of a run of a pipeline, as its users see it.");
id!(TaskRunId, "The number of a task of one run of a pipeline.");
id!(AttemptId, "The number of an attempt of a task.");

/// A task of a pipeline that is about to be run.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its name in the pipeline.
    pub name: String,
    /// The tool, by the plugin's descriptor.
    pub tool: String,
    /// The plugin, by name and version.
    pub plugin: String,
    /// The digest of its component.
    pub plugin_sha256: String,
}

/// A run of a pipeline.
#[derive(Clone, Debug)]
pub struct PipelineRun {
    /// Its number.
    pub id: PipelineRunId,
    /// The pipeline's name.
    pub name: String,
    /// The path of the pipeline's file.
    pub file: String,
    /// The content of that file.
    pub definition: String,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its outcome.
    pub outcome: Option<Outcome>,
    /// Its tasks, in the order of the file.
    pub tasks: Vec<TaskRun>,
}

/// A task of one run of a pipeline.
#[derive(Clone, Debug)]
pub struct TaskRun {
    /// Its number.
    pub id: TaskRunId,
    /// Its name.
    pub name: String,
    /// The tool.
    pub tool: String,
    /// The plugin, by name and version.
    pub plugin: String,
    /// The digest of its component. None for runs stored before digests were.
    pub plugin_sha256: Option<String>,
    /// Its state.
    pub state: TaskState,
    /// The message of that state.
    pub message: Option<String>,
    /// When its next attempt is due.
    pub retry_at: Option<Timestamp>,
    /// When its state or message last changed, or a call to settle it was last recorded.
    pub changed_at: Timestamp,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
    /// All its transitions, in order.
    pub transitions: Vec<Transition>,
}

/// A change of a task's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// The new state, by its name.
    pub state: String,
    /// The message of that state.
    pub detail: Option<String>,
}

/// One attempt of a task.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its number in the store.
    pub id: AttemptId,
    /// Its number in the task, from 1.
    pub number: u32,
    /// When its trigger was about to be sent.
    pub intended_at: Timestamp,
    /// The machine's uptime then, where it has one.
    pub uptime: Option<Uptime>,
    /// The calls that settled that trigger and are not known to have started nothing, in order.
    pub settles: Vec<Intended>,
    /// The run that the plugin returned last.
    pub run: Option<String>,
    /// When the next poll is due.
    pub next_poll_at: Option<Timestamp>,
    /// The last report, as it is printed.
    pub report: Option<Value>,
    /// The last error.
    pub error: Option<AttemptError>,
    /// Its outcome.
    pub outcome: Option<Outcome>,
}

/// A call that may start a run, recorded before it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intended {
    /// When it was about to be made.
    pub at: Timestamp,
    /// The machine's uptime then, if known.
    pub uptime: Option<Uptime>,
}

/// The end of an attempt.
#[derive(Clone, Debug)]
pub struct AttemptEnd {
    /// Its outcome.
    pub outcome: Outcome,
    /// A message in one line.
    pub message: String,
    /// The last report.
    pub report: Option<Report>,
    /// The error, if a call failed.
    pub error: Option<AttemptError>,
}

/// An error of an attempt's call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptError {
    /// The error kind, by the contract's name; `host` where the plugin gave no answer.
    pub kind: String,
    /// The error code, for programs.
    pub code: String,
    /// The message for people.
    pub message: String,
    /// The tool's own message.
    pub raw_message: Option<String>,
    /// The HTTP status of the tool's answer.
    pub http_status: Option<u16>,
}

impl From<&CallError> for AttemptError {
    fn from(error: &CallError) -> Self {
        let ErrorDocument { kind, code, message, raw_message, http_status, .. } = error.into();
        Self { kind: kind.to_owned(), code, message, raw_message, http_status }
    }
}
