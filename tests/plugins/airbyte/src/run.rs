//! The run: the state that the host stores between calls.

use alloc::string::{String, ToString};

use plugin_guest::contract::TaskError;
use plugin_guest::json::{self, Value, json};
use plugin_guest::run_format::{RunFormat, same};

use crate::connection::ConnectionId;
use crate::job::JobId;

const FORMAT: RunFormat =
    RunFormat { writer: "airbyte-sync", writer_version: env!("CARGO_PKG_VERSION"), version: 1, most_bytes: 256 };

/// A job of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The job.
    pub job_id: JobId,
    /// True if the task is not known to have started it: it was already running, or the policy `attach` took it.
    pub attached: bool,
}

impl Run {
    /// Encodes it for the host to store.
    pub fn encode(&self) -> String {
        FORMAT.encode(json!({
            "connection_id": self.connection_id.to_string(),
            "job_id": self.job_id.0,
            "attached": self.attached,
        }))
    }

    /// Decodes a stored run of this connection. The error says why it cannot be used.
    pub fn decode(text: &str, connection_id: ConnectionId) -> Result<Self, TaskError> {
        let run = FORMAT.decode(text, Self::read)?;
        same("connection", &run.connection_id, &connection_id)?;
        Ok(run)
    }

    fn read(stored: &Value) -> json::Result<Self> {
        Ok(Self {
            connection_id: json::required(stored, "connection_id", "an id", |id| ConnectionId::parse(id.as_str()?))?,
            job_id: json::required(stored, "job_id", "an id", Value::as_u64).map(JobId)?,
            attached: json::required(stored, "attached", "true or false", Value::as_bool)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ID, id};

    #[test]
    fn the_largest_run_comes_back_as_it_went() {
        let run = Run { connection_id: id(), job_id: JobId(u64::MAX), attached: false };
        assert_eq!(Run::decode(&run.encode(), id()).expect("a run"), run);
    }

    #[test]
    fn a_run_of_another_connection_is_refused() {
        let run = Run { connection_id: id(), job_id: JobId(7), attached: false };
        let other = "00000000-0000-4000-8000-000000000000";
        let error = Run::decode(&run.encode(), ConnectionId::parse(other).expect("an id")).expect_err("another");
        assert_eq!(
            error.message,
            alloc::format!(
                "run is of connection {ID}, not of connection_id {other}: poll with the parameters of its trigger"
            )
        );
    }
}
