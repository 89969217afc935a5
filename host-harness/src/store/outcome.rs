//! How far a task is, and how it ended.

use crate::contract::Verdict;

/// How a task, an attempt of it or a pipeline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tool says that all of it went well.
    Succeeded,
    /// The tool says that it failed.
    Failed,
    /// It was stopped before its end.
    Cancelled,
    /// It has ended, or may have been started, and nobody can know. A person has to look.
    Unknown,
    /// Nothing was started, by the policy that its parameters ask for.
    Skipped,
    /// It was not begun: what it comes after did not end well, or the pipeline was stopped.
    NotRun,
    /// A call failed, and trying again does not help or is not allowed.
    CallFailed,
    /// Its time was up. The run goes on in its tool.
    TimedOut,
    /// The user wanted it no more.
    Interrupted,
}

impl Outcome {
    /// All of them.
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

    /// What the store and every document call it.
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

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Not begun.
    Waiting,
    /// Its trigger was about to be sent.
    Intended,
    /// Its trigger failed so that nobody knows whether it started a run.
    Unsettled,
    /// Its run goes on.
    Running,
    /// An attempt has ended, and another is to follow.
    Retrying,
    /// It has ended.
    Ended(Outcome),
}

impl TaskState {
    /// What the store and every document call it: of a task that has ended, its outcome.
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
