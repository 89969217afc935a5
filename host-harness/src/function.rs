//! The functions of the contract.

use std::fmt;

/// A function that a plugin exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl Function {
    /// The interface that holds it, with the version that this host speaks.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Describe | Self::Trigger | Self::Poll => "orchestrator:plugin/task@0.1.0",
            Self::Cancel => "orchestrator:plugin/cancellation@0.1.0",
            Self::Check => "orchestrator:plugin/preflight@0.1.0",
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
        })
    }
}
