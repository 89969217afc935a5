//! The policy for a run that is running already, and the parameter that sets it.

use crate::contract::Field;
use crate::fields::choice;

/// The policy for a run that is running already and that the task did not start.
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
    /// The name of the parameter.
    pub const NAME: &str = "on_already_running";

    /// The names of the choices, the default first.
    pub const CHOICES: &[(&str, Self)] = &[("fail", Self::Fail), ("attach", Self::Attach), ("skip", Self::Skip)];

    /// The parameter's field in `describe`.
    pub fn field(description: &str) -> Field {
        choice(Self::NAME, "If already running", description, Self::CHOICES)
    }
}
