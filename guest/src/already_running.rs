//! The policy for a run that is running already, and the parameter that sets it.

use crate::contract::{Field, TaskError};
use crate::fields::choice;
use crate::task_error::already_running;

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

    /// The error of the policy to fail. `run` names the run that goes on, such as `a job of this source`.
    pub fn refusal(run: &str) -> TaskError {
        let mut error = already_running(run);
        error.message.push_str(", or set on_already_running to attach or skip");
        error
    }

    /// The parameter's field in `describe`.
    pub fn field(description: &str) -> Field {
        choice(Self::NAME, "If already running", description, Self::CHOICES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plugin_with_the_parameter_advises_it() {
        assert_eq!(already_running("a job").message, "a job is running already: wait for it");
        let refusal = OnAlreadyRunning::refusal("a job");
        assert_eq!(
            refusal.message,
            "a job is running already: wait for it, or set on_already_running to attach or skip"
        );
        assert_eq!(refusal.code, already_running("a job").code);
    }
}
