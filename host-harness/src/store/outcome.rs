//! States of tasks, and outcomes of tasks, attempts and pipelines.

use crate::contract::Verdict;

/// The outcome of a task, an attempt or a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tool reports success of all of it.
    Succeeded,
    /// The tool reports a failure.
    Failed,
    /// It was stopped before its end.
    Cancelled,
    /// It has ended, or may have been started, and its outcome cannot be known. A person has to look.
    Unknown,
    /// Nothing was started, as its parameters ask.
    Skipped,
    /// Not begun: a task before it did not end well, or the pipeline was stopped.
    NotRun,
    /// A call failed, and trying again does not help or is not allowed.
    CallFailed,
    /// Its time was up. The run goes on in its tool.
    TimedOut,
    /// The user interrupted it.
    Interrupted,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 9] = [
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Unknown,
        Self::Skipped,
        Self::NotRun,
        Self::CallFailed,
        Self::TimedOut,
        Self::Interrupted,
    ];

    /// The name in the store and in every document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::NotRun => "not_run",
            Self::CallFailed => "call_failed",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Succeeded => Self::Succeeded,
            Verdict::Failed => Self::Failed,
            Verdict::Cancelled => Self::Cancelled,
            Verdict::Unknown => Self::Unknown,
            Verdict::Skipped => Self::Skipped,
        }
    }
}

/// The state of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Not begun.
    Waiting,
    /// Its trigger was about to be sent.
    Intended,
    /// Its trigger failed and may have started a run.
    Unsettled,
    /// Its run goes on.
    Running,
    /// An attempt has ended, and another will follow.
    Retrying,
    /// It has ended.
    Ended(Outcome),
}

impl TaskState {
    /// The name in the store and in every document; of a task that has ended, its outcome.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Intended => "intended",
            Self::Unsettled => "unsettled",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Ended(outcome) => outcome.as_str(),
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let open = [Self::Waiting, Self::Intended, Self::Unsettled, Self::Running, Self::Retrying];
        open.into_iter().find(|state| state.as_str() == text).or_else(|| Outcome::parse(text).map(Self::Ended))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_is_written() {
        let open =
            [TaskState::Waiting, TaskState::Intended, TaskState::Unsettled, TaskState::Running, TaskState::Retrying];
        for state in open.into_iter().chain(Outcome::ALL.map(TaskState::Ended)) {
            assert_eq!(TaskState::parse(state.as_str()), Some(state));
        }
    }
}
