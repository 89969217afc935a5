//! The parameters of a task.

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::inputs::{Inputs, required};
use plugin_guest::task_error::invalid_input;

use crate::connection::ConnectionId;

/// Parsed parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The connection to sync.
    pub connection_id: ConnectionId,
    /// The policy if a job of it is already running.
    pub on_already_running: OnAlreadyRunning,
    /// True if `cancel` also stops a job that the task was only attached to.
    pub cancel_attached: bool,
}

impl Parameters {
    /// Parses the values. The error names the invalid field and its flaw.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        const FORM: &str = "must be a UUID such as e3b1ce92-547c-436f-b1e8-23b6936c12cd";
        const ABSENT: &str = "it is in the URL of the connection's page in Airbyte";
        let inputs = Inputs(values);
        let id = required(inputs.text("connection_id")?, "connection_id", ABSENT)?;
        Ok(Self {
            connection_id: ConnectionId::parse(id).ok_or_else(|| invalid_input("connection_id", FORM))?,
            on_already_running: inputs.on_already_running()?,
            cancel_attached: inputs.cancel_attached()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use plugin_guest::scripted::named;

    fn refused(values: &[NamedValue]) -> String {
        Parameters::parse(values).expect_err("refused").message
    }

    #[test]
    fn each_bad_value_is_refused_by_the_name_of_its_field() {
        assert_eq!(refused(&[]), "connection_id is missing: it is in the URL of the connection's page in Airbyte");
        for id in ["", "7", "../jobs"] {
            let form = "connection_id must be a UUID such as e3b1ce92-547c-436f-b1e8-23b6936c12cd";
            assert_eq!(refused(&[named("connection_id", id)]), form);
        }
    }
}
