//! The parameters of a task.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::inputs::{Inputs, required};
use plugin_guest::task_error::invalid_input;

/// Parsed parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The connection to sync.
    pub connection_id: ConnectionId,
    /// The policy if it is already syncing.
    pub on_already_running: OnAlreadyRunning,
    /// True if a sync is requested even if it is not set up, since a sync may fix that.
    pub sync_unready: bool,
}

/// The id of a connection: one segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionId(String);

impl ConnectionId {
    const MOST_BYTES: usize = 128;

    /// Parses an id as Fivetran shows it.
    pub fn parse(text: &str) -> Option<Self> {
        let of_ids = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let is_id = (1..=Self::MOST_BYTES).contains(&text.len()) && text.bytes().all(of_ids);
        is_id.then(|| Self(text.to_owned()))
    }

    /// The id as Fivetran writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Parameters {
    /// Parses the values. The error names the invalid field and its flaw.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        const FORM: &str =
            "must be letters, digits, _ and -, such as speak_inexpensive: it is on the connection's Setup tab";
        let inputs = Inputs(values);
        let absent = "it is on the connection's Setup tab in Fivetran";
        let id = required(inputs.text("connection_id")?, "connection_id", absent)?;
        Ok(Self {
            connection_id: ConnectionId::parse(id).ok_or_else(|| invalid_input("connection_id", FORM))?,
            on_already_running: inputs.on_already_running()?,
            sync_unready: inputs.boolean("sync_unready")?.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::named;

    fn refused(values: &[NamedValue]) -> String {
        Parameters::parse(values).expect_err("parameters refused").message
    }

    #[test]
    fn an_id_is_enough() {
        let parameters = Parameters::parse(&[named("connection_id", "speak_inexpensive")]).expect("parameters");
        assert_eq!((parameters.on_already_running, parameters.sync_unready), (OnAlreadyRunning::Fail, false));
    }

    #[test]
    fn what_is_no_id_never_becomes_a_path() {
        let form = "connection_id must be letters, digits, _ and -, such as speak_inexpensive: it is on the connection's Setup tab";
        for id in ["", "a/../b", "a?b", "a b", "a%2e", "é", &"a".repeat(129)] {
            assert_eq!(refused(&[named("connection_id", id)]), form, "{id}");
        }
        assert_eq!(refused(&[]), "connection_id is missing: it is on the connection's Setup tab in Fivetran");
        let id = named("connection_id", "one");
        let wait = named("on_already_running", "wait");
        assert_eq!(refused(&[id, wait]), "on_already_running must be one of fail, attach, skip");
    }
}
