//! What is kept.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Outcome, TaskState};
use crate::contract::Report;
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
    /// What it drives, as the plugin says.
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
    /// What the pipeline is called.
    pub name: String,
    /// Where its file was.
    pub file: String,
    /// What the file said.
    pub definition: String,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
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
    /// What it drives.
    pub tool: String,
    /// The plugin, by name and version.
    pub plugin: String,
    /// The digest of its component; none in a store of before it was kept.
    pub plugin_sha256: Option<String>,
    /// How far it is.
    pub state: TaskState,
    /// What there is to say of that.
    pub message: Option<String>,
    /// When its next attempt is due.
    pub retry_at: Option<Timestamp>,
    /// When the last of this was written.
    pub changed_at: Timestamp,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
    /// All that it went through, in order.
    pub transitions: Vec<Transition>,
}

/// A change of a task's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// The state that it came to, by its name.
    pub state: String,
    /// What there was to say of that.
    pub detail: Option<String>,
}

/// One attempt of a task.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its number in the store.
    pub id: AttemptId,
    /// Which of the task's it is; the first is 1.
    pub number: u32,
    /// When its trigger was about to be sent.
    pub intended_at: Timestamp,
    /// The same by the clock that nobody sets, where the machine has one.
    pub uptime: Option<Uptime>,
    /// The calls to settle that trigger of which nobody knows that they started nothing, in their order.
    pub settles: Vec<Intended>,
    /// What the plugin handed back last.
    pub run: Option<String>,
    /// When it is to be polled.
    pub next_poll_at: Option<Timestamp>,
    /// The last report, as it is printed.
    pub report: Option<Value>,
    /// The last error.
    pub error: Option<AttemptError>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// A call that may start a run, as it was written down before it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intended {
    /// When it was about to be made.
    pub at: Timestamp,
    /// The same by the clock that nobody sets, where the machine has one.
    pub uptime: Option<Uptime>,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct AttemptEnd {
    /// How.
    pub outcome: Outcome,
    /// In a line.
    pub message: String,
    /// The last report.
    pub report: Option<Report>,
    /// What failed, where something did.
    pub error: Option<AttemptError>,
}

/// Why a call of an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptError {
    /// The kind, as the contract calls it; `host` where the plugin gave no answer.
    pub kind: String,
    /// Which error it is, for programs.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The tool's own message.
    pub raw_message: Option<String>,
    /// The status of the tool's answer.
    pub http_status: Option<u16>,
}

impl From<&CallError> for AttemptError {
    fn from(error: &CallError) -> Self {
        let task = error.task_error();
        Self {
            kind: task.map_or("host", |error| error.kind.as_str()).to_owned(),
            code: error.code().to_owned(),
            message: error.to_string(),
            raw_message: task.and_then(|error| error.raw_message.clone()),
            http_status: task.and_then(|error| error.http_status),
        }
    }
}
