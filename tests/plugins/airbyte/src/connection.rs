//! Airbyte's connections: from a source to a destination.

use alloc::format;
use alloc::string::String;
use core::fmt;

use plugin_guest::anyhow::bail;
use plugin_guest::json::{self, RawValue, lenient};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// The id of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionId(Uuid);

impl ConnectionId {
    /// Parses a UUID, as in the URL of the connection's page.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// Reads an id from an answer, if there is one.
    pub fn read(raw: &RawValue) -> Option<Self> {
        Self::parse(&lenient::text(raw)?)
    }
}

impl<'de> Deserialize<'de> for ConnectionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Self::read(raw).ok_or_else(|| lenient::not("a UUID", raw))
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The answer to `GET /connections/{connectionId}`, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its name.
    pub name: Option<String>,
    /// Airbyte's `status`: `active`, `inactive` or `deprecated`.
    pub status: Option<String>,
    /// True if Airbyte's schedule starts no syncs of it.
    pub manual: bool,
}

impl Connection {
    /// The path of a connection.
    pub fn path(id: ConnectionId) -> String {
        format!("/connections/{id}")
    }

    /// Parses the answer on the connection with this id.
    pub fn parse(body: &[u8], id: ConnectionId) -> json::Result<Self> {
        let text = json::repaired(body);
        let value = json::value(&text)?;
        let Shown { connection_id, name, status } = json::object(value)?;
        if connection_id != id {
            bail!("connectionId is {connection_id}, not {id}");
        }
        // An unreadable schedule counts as one of Airbyte's own.
        let schedule_type = json::at(value, &["schedule", "scheduleType"]).and_then(lenient::text);
        Ok(Self { name, status, manual: schedule_type.as_deref() == Some("manual") })
    }
}

/// A connection in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    connection_id: ConnectionId,
    #[serde(default, deserialize_with = "lenient::text_field")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text_field")]
    status: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ID, OTHER, id};

    #[test]
    fn a_connection_is_manual_where_airbyte_says_so_whatever_else_it_says() {
        let parsed = |more: &str| Connection::parse(format!(r#"{{"connectionId": "{ID}"{more}}}"#).as_bytes(), id());
        for (schedule, manual) in [
            (r#"{"scheduleType": "manual", "cron": 7}"#, true),
            (r#"{"scheduleType": "cron"}"#, false),
            (r#"{"scheduleType": 7}"#, false),
            (r#"["manual"]"#, false),
            ("null", false),
            ("7", false),
        ] {
            let found = parsed(&format!(r#", "name": 7, "status": null, "schedule": {schedule}"#)).expect(schedule);
            assert_eq!(found, Connection { name: Some("7".into()), status: None, manual });
        }
        let nothing_else = Connection { name: None, status: None, manual: false };
        assert_eq!(parsed("").expect("a connection"), nothing_else);
    }

    #[test]
    fn what_is_not_the_connection_is_not_understood() {
        let other = format!(r#"{{"connectionId": "{OTHER}"}}"#);
        for (body, problem) in [
            (other.as_str(), format!("connectionId is {OTHER}, not {ID}")),
            ("{}", "missing field `connectionId`".into()),
            (r#"{"connectionId": 7}"#, "connectionId: not a UUID: 7".into()),
            ("[]", "not an object: []".into()),
        ] {
            assert_eq!(Connection::parse(body.as_bytes(), id()).expect_err(body).to_string(), problem);
        }
    }
}
