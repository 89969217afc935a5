//! A connection as Airbyte shows it: where data come from and where they go.

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
    /// Takes a UUID, as the URL of the connection's page has it.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// Reads one, where an answer has one.
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

/// What `GET /connections/{connectionId}` answers, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its name.
    pub name: Option<String>,
    /// Airbyte's `status`: `active`, `inactive` or `deprecated`.
    pub status: Option<String>,
    /// Whether Airbyte starts no sync of it by itself.
    pub manual: bool,
}

impl Connection {
    /// The path of a connection.
    pub fn path(id: ConnectionId) -> String {
        format!("/connections/{id}")
    }

    /// Understands the answer to a look at the connection with this id.
    pub fn parse(body: &[u8], id: ConnectionId) -> json::Result<Self> {
        let text = json::repaired(body);
        let value = json::value(&text)?;
        let Shown { connection_id, name, status } = json::object(value)?;
        if connection_id != id {
            bail!("connectionId is {connection_id}, not {id}");
        }
        // What cannot be read of its schedule is taken for one that Airbyte keeps.
        let schedule_type = json::at(value, &["schedule", "scheduleType"]).and_then(lenient::text);
        Ok(Self { name, status, manual: schedule_type.as_deref() == Some("manual") })
    }
}

/// A connection in Airbyte's answer.
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
