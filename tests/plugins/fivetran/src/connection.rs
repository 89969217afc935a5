//! A connection as Fivetran shows it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::json::{self, Value};
use plugin_guest::report::one_line;

use crate::moment::Moment;
use crate::parameters::ConnectionId;

/// What `GET /v1/connections/{id}` answers, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The connector, such as `salesforce`.
    pub service: Option<String>,
    /// The name of its schema in the destination, by which people know it.
    pub schema: Option<String>,
    /// Whether a person paused it.
    pub paused: bool,
    /// Whether Fivetran starts no sync of it by itself.
    pub manual: bool,
    /// What its syncs left behind.
    pub traces: Traces,
    /// Whether it is set up.
    pub setup_state: SetupState,
    /// What its sync does.
    pub sync_state: SyncState,
    /// What Fivetran wants a person to do about it.
    pub tasks: Vec<String>,
}

/// Fivetran's `setup_state`. Another than these is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupState {
    /// It is set up.
    Connected,
    /// Its setup never passed its tests.
    Incomplete,
    /// Its setup does not work any more.
    Broken,
}

/// Fivetran's `sync_state`. Another than these is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// It waits for its next sync.
    Scheduled,
    /// It syncs.
    Syncing,
    /// A person paused it.
    Paused,
    /// Its sync was put off.
    Rescheduled,
}

/// What syncs leave behind, by Fivetran's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// When the last sync ended that went well.
    pub succeeded_at: Option<Moment>,
    /// When the last sync ended that failed.
    pub failed_at: Option<Moment>,
    /// Until when the last sync was put off, while it is.
    pub rescheduled_for: Option<Moment>,
}

impl Connection {
    /// Understands the answer to a look at the connection with this id.
    pub fn parse(body: &[u8], id: &ConnectionId) -> json::Result<Self> {
        let envelope = json::parse(body)?;
        let data = &envelope["data"];
        let status = &data["status"];
        let moment =
            |object, name| json::optional(object, name, Moment::EXPECTED, |value| Moment::parse(value.as_str()?));
        let asked = format!("that of connection {id}");
        json::required(data, "id", &asked, |found| (found.as_str()? == id.as_str()).then_some(()))?;
        let tasks = status["tasks"].as_array().into_iter().flatten();
        Ok(Self {
            service: json::text(&data["service"]),
            schema: json::text(&data["schema"]),
            paused: json::optional(data, "paused", "true or false", Value::as_bool)?.unwrap_or(false),
            manual: data["schedule_type"] == "manual",
            traces: Traces {
                succeeded_at: moment(data, "succeeded_at")?,
                failed_at: moment(data, "failed_at")?,
                rescheduled_for: moment(status, "rescheduled_for")?,
            },
            setup_state: json::required(status, "setup_state", "connected, incomplete or broken", |state| match state
                .as_str()?
            {
                "connected" => Some(SetupState::Connected),
                "incomplete" => Some(SetupState::Incomplete),
                "broken" => Some(SetupState::Broken),
                _ => None,
            })?,
            sync_state: json::required(status, "sync_state", "scheduled, syncing, paused or rescheduled", |state| {
                match state.as_str()? {
                    "scheduled" => Some(SyncState::Scheduled),
                    "syncing" => Some(SyncState::Syncing),
                    "paused" => Some(SyncState::Paused),
                    "rescheduled" => Some(SyncState::Rescheduled),
                    _ => None,
                }
            })?,
            tasks: tasks.filter_map(|task| json::text(&task["message"])).collect(),
        })
    }

    /// Whether a sync runs now, whoever started it.
    pub fn is_syncing(&self) -> bool {
        self.sync_state == SyncState::Syncing
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused || self.sync_state == SyncState::Paused
    }

    /// Why its setup lets it not sync, with Fivetran's tasks; none where it can.
    pub fn setup_problem(&self) -> Option<String> {
        match self.setup_state {
            SetupState::Broken => Some(self.with_tasks("the connection is broken")),
            SetupState::Incomplete => Some(self.with_tasks("the connection is not set up completely")),
            SetupState::Connected => None,
        }
    }

    /// What happened, and what a person has to do about it.
    pub fn with_tasks(&self, event: &str) -> String {
        match &self.tasks[..] {
            [] => format!("{event}; fivetran names no task: its dashboard tells more"),
            tasks => format!("{event}: {}", one_line(&tasks.join("; "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shown;
    use alloc::string::ToString;
    use plugin_guest::json::json;

    #[test]
    fn what_decides_is_understood_or_refused() {
        let id = ConnectionId::parse("one").expect("an id");
        for (change, problem) in [
            (("id", json!("two")), r#"id is not that of connection one: "two""#),
            (("id", json!(null)), "id is missing"),
            (
                ("status.sync_state", json!("dozing")),
                r#"sync_state is not scheduled, syncing, paused or rescheduled: "dozing""#,
            ),
            (("status.setup_state", json!("odd")), r#"setup_state is not connected, incomplete or broken: "odd""#),
            (
                ("succeeded_at", json!("today")),
                r#"succeeded_at is not a time such as 2024-12-01T15:45:29.013729Z: "today""#,
            ),
        ] {
            let error = Connection::parse(&shown(&[change]).body, &id).expect_err(problem);
            assert_eq!(error.to_string(), problem);
        }
    }

    #[test]
    fn what_does_not_decide_may_be_anything() {
        let id = ConnectionId::parse("one").expect("an id");
        let changes = [
            ("service", json!(7)),
            ("schedule_type", json!({})),
            ("status.tasks", json!("none")),
            ("status.update_state", json!("odd")),
            ("new", json!([])),
        ];
        let connection = Connection::parse(&shown(&changes).body, &id).expect("a connection");
        assert_eq!(connection.service.as_deref(), Some("7"));
    }
}
