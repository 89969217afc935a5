//! What came of one call.

use std::time::Duration;

use crate::contract::TaskError;
use crate::egress::Request;
use crate::{Denial, Function};

/// What came of one call of a plugin, and what it did meanwhile.
#[derive(Debug)]
pub struct Call<T> {
    /// The plugin's answer, or why there is none.
    pub outcome: Result<T, CallError>,
    /// The requests that it sent, in order.
    pub requests: Vec<Request>,
    /// What it was not allowed to send, each once.
    pub denied: Vec<Denial>,
    /// What it wrote to stderr and stdout, with a note where some of it was dropped.
    pub stderr: String,
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The plugin answered with an error.
    #[error("{}", .0.message)]
    Task(TaskError),
    /// The plugin does not have this function: its tool does not offer it.
    #[error("the plugin cannot {function}: it does not export {}", function.interface())]
    NotOffered {
        /// The function called.
        function: Function,
    },
    /// The call took too long and was ended.
    #[error("the plugin's {function} did not answer within {} and was ended", humantime::format_duration(*deadline))]
    DeadlinePassed {
        /// The function called.
        function: Function,
        /// [`Limits::call`](crate::Limits::call).
        deadline: Duration,
    },
    /// The plugin needed more memory than it may have and was ended.
    #[error("the plugin's {function} needed more than the {} MiB of memory that it may have and was ended", limit >> 20)]
    MemoryExceeded {
        /// The function called.
        function: Function,
        /// [`Limits::memory`](crate::Limits::memory), in bytes.
        limit: usize,
    },
    /// The plugin crashed, or the engine had to stop it.
    #[error("the plugin's {function} crashed: {reason}")]
    Trapped {
        /// The function called.
        function: Function,
        /// What the engine says.
        reason: String,
    },
}

impl CallError {
    /// The error's code, for programs: the plugin's own, or one of `not_offered`, `deadline_passed`, `memory_exceeded` and
    /// `trapped`.
    pub fn code(&self) -> &str {
        match self {
            Self::Task(error) => &error.code,
            Self::NotOffered { .. } => "not_offered",
            Self::DeadlinePassed { .. } => "deadline_passed",
            Self::MemoryExceeded { .. } => "memory_exceeded",
            Self::Trapped { .. } => "trapped",
        }
    }

    /// The error that the plugin answered with, if it did.
    pub fn task_error(&self) -> Option<&TaskError> {
        match self {
            Self::Task(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_says_what_happened() {
        for (error, text) in [
            (
                CallError::NotOffered { function: Function::Cancel },
                "the plugin cannot cancel: it does not export orchestrator:plugin/cancellation@0.1.0",
            ),
            (
                CallError::DeadlinePassed { function: Function::Poll, deadline: Duration::from_mins(1) },
                "the plugin's poll did not answer within 1m and was ended",
            ),
            (
                CallError::MemoryExceeded { function: Function::Trigger, limit: 32 << 20 },
                "the plugin's trigger needed more than the 32 MiB of memory that it may have and was ended",
            ),
            (
                CallError::Trapped { function: Function::Check, reason: "wasm trap".to_owned() },
                "the plugin's check crashed: wasm trap",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
