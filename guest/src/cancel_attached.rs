//! What `cancel` does to a run that the task was only attached to.

use alloc::format;
use core::fmt;

use crate::contract::{Field, TaskError};
use crate::fields::boolean;
use crate::task_error::rejected;

/// What the parameter is called.
pub const NAME: &str = "cancel_attached";

/// The code of [`attached`], which the contract knows.
pub const ATTACHED: &str = "attached";

/// The parameter, as `describe` tells of it. `run` is what the tool calls one, such as `a job`.
pub fn field(run: &str) -> Field {
    let description =
        format!("Whether cancelling stops {run}, too, that the task was only attached to, whoever started it");
    boolean(NAME, "Cancel if attached", &description, false)
}

/// The run is left running, since somebody else started it or may have. `event` says so.
pub fn attached(event: impl fmt::Display) -> TaskError {
    rejected(ATTACHED, format!("{event}: set {NAME} to cancel it all the same"))
}
