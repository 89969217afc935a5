//! A connection as Airbyte shows it: where data come from and where they go.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::fmt;

use plugin_guest::json::{self, Value};
use uuid::Uuid;

/// The id of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionId(Uuid);

impl ConnectionId {
    /// Takes a UUID, as the URL of the connection's page has it.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What `GET /connections/{connectionId}` answers, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// Airbyte's `status`: `active`, `inactive` or `deprecated`.
    pub status: String,
    /// Whether Airbyte starts no sync of it by itself.
    pub manual: bool,
}

impl Connection {
    /// The path of a connection.
    pub fn path(id: ConnectionId) -> String {
        format!("/connections/{id}")
    }

    /// Understands an answer.
    pub fn parse(body: &[u8]) -> json::Result<Self> {
        let json = json::parse(body)?;
        let text = |name| json::required(&json, name, "text", Value::as_str).map(str::to_owned);
        Ok(Self { name: text("name")?, status: text("status")?, manual: json["schedule"]["scheduleType"] == "manual" })
    }
}
