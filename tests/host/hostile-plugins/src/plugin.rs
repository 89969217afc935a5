//! A plugin whose functions are honest until a guest replaces them.

use crate::answer;
use crate::bindings::exports::orchestrator::plugin::task;
use crate::bindings::orchestrator::plugin::types::{Connection, Descriptor, Parameters, Progress, Run, TaskError};
use crate::call::Call;
use crate::descriptor;

/// What `trigger` and `poll` answer.
pub type Answer = Result<Progress, TaskError>;

/// What a guest can replace of the contract's `task`.
pub trait Plugin {
    /// Says what the plugin is. Honest: [`descriptor::honest`].
    fn describe() -> Descriptor {
        descriptor::honest()
    }

    /// Does the deed. Honest: succeeds at once.
    fn trigger(_call: &Call) -> Answer {
        answer::succeeded("nothing was asked of it")
    }

    /// Tells how a run stands. Honest: succeeds at once.
    fn poll(_call: &Call, _run: &str) -> Answer {
        answer::succeeded("the run has ended")
    }
}

impl<T: Plugin> task::Guest for T {
    fn describe() -> Descriptor {
        <T as Plugin>::describe()
    }

    fn trigger(connection: Connection, parameters: Parameters) -> Answer {
        <T as Plugin>::trigger(&Call { connection, parameters })
    }

    fn poll(connection: Connection, parameters: Parameters, run: Run) -> Answer {
        <T as Plugin>::poll(&Call { connection, parameters }, &run)
    }
}
