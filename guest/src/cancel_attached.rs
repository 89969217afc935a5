//! The parameter that lets `cancel` stop a run that the task only attached to.

use alloc::format;
use core::fmt;

use crate::contract::{Field, TaskError};
use crate::fields::boolean;
use crate::task_error::rejected;

/// The name of the parameter.
pub const NAME: &str = "cancel_attached";

/// The code of [`attached`], as the contract has it.
pub const ATTACHED: &str = "attached";

/// The parameter's field in `describe`. `run` is the tool's word for one, such as `a job`.
pub fn field(run: &str) -> Field {
    let description =
        format!("Whether cancelling stops {run}, too, that the task was only attached to, whoever started it");
    boolean(NAME, "Cancel if attached", &description, false)
}

/// The error of a `cancel` that leaves the run running, since somebody else started it or may have. `event` says so.
pub fn attached(event: impl fmt::Display) -> TaskError {
    rejected(ATTACHED, format!("{event}: set {NAME} to cancel it all the same"))
}
