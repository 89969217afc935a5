//! What a task does where a run of its kind is running already.

use crate::contract::Field;
use crate::fields::choice;

/// What to do where one runs already that the task did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnAlreadyRunning {
    /// Fail with `already_running`.
    Fail,
    /// Wait for that one and report how it ends.
    Attach,
    /// Finish as skipped.
    Skip,
}

impl OnAlreadyRunning {
    /// What the parameter is called.
    pub const NAME: &str = "on_already_running";

    /// The names of the choices, the default first.
    pub const CHOICES: &[(&str, Self)] = &[("fail", Self::Fail), ("attach", Self::Attach), ("skip", Self::Skip)];

    /// The parameter, as `describe` tells of it.
    pub fn field(description: &str) -> Field {
        choice(Self::NAME, "If already running", description, Self::CHOICES)
    }
}
