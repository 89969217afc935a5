//! The functions that the contract defines.

use std::fmt;

/// A function that a plugin exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Function {
    /// `task.describe`
    Describe,
    /// `task.trigger`
    Trigger,
    /// `task.poll`
    Poll,
    /// `cancellation.cancel`
    Cancel,
    /// `preflight.check`
    Check,
    /// `settlement.settle`
    Settle,
    /// `batch.poll-many`
    PollMany,
}

impl Function {
    /// All functions, in the order of the contract.
    pub const ALL: [Self; 7] =
        [Self::Describe, Self::Trigger, Self::Poll, Self::Cancel, Self::Check, Self::Settle, Self::PollMany];

    /// The functions that every plugin exports.
    pub(crate) const TASK: [Self; 3] = [Self::Describe, Self::Trigger, Self::Poll];

    /// The interface that declares the function, with the version that this host speaks.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Describe | Self::Trigger | Self::Poll => "orchestrator:plugin/task@0.1.0",
            Self::Cancel => "orchestrator:plugin/cancellation@0.1.0",
            Self::Check => "orchestrator:plugin/preflight@0.1.0",
            Self::Settle => "orchestrator:plugin/settlement@0.1.0",
            Self::PollMany => "orchestrator:plugin/batch@0.1.0",
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Describe => "describe",
            Self::Trigger => "trigger",
            Self::Poll => "poll",
            Self::Cancel => "cancel",
            Self::Check => "check",
            Self::Settle => "settle",
            Self::PollMany => "poll-many",
        })
    }
}
