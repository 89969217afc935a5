//! Fivetran's connections.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use plugin_guest::anyhow::{Context, anyhow, bail};
use plugin_guest::json::{self, RawValue, lenient};
use plugin_guest::report::{one_line, shorten};
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::moment::{Moment, Told};
use crate::parameters::ConnectionId;

/// The answer to `GET /v1/connections/{id}`, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The connector, such as `salesforce`.
    pub service: Option<String>,
    /// The name of its schema in the destination, by which people know it.
    pub schema: Option<String>,
    /// True if a person paused it.
    pub paused: bool,
    /// True if Fivetran's schedule starts no syncs of it.
    pub manual: bool,
    /// The traces of its syncs.
    pub traces: Traces,
    /// The state of its setup.
    pub setup_state: SetupState,
    /// The state of its sync.
    pub sync_state: SyncState,
    /// The tasks that Fivetran gives a person.
    pub tasks: Vec<String>,
    /// The flaw of the first missing or unreadable state, which then says nothing.
    pub odd_state: Option<String>,
    /// The flaw of the first unreadable time, which is then not among the traces.
    pub odd_time: Option<String>,
}

/// A connection in JSON. Fields that decide nothing may be anything.
#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(deserialize_with = "lenient::required_text_field")]
    id: String,
    #[serde(default, deserialize_with = "lenient::text_field")]
    service: Option<String>,
    #[serde(default, deserialize_with = "lenient::text_field")]
    schema: Option<String>,
    #[serde(default, deserialize_with = "lenient::text_field")]
    schedule_type: Option<String>,
    #[serde(default)]
    succeeded_at: Told,
    #[serde(default)]
    failed_at: Told,
    #[serde(default, borrow)]
    status: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(default)]
    rescheduled_for: Told,
    #[serde(default, borrow)]
    tasks: Option<&'a RawValue>,
}

/// The values of `paused`.
const PAUSED: &[(&str, bool)] =
    &[("false", false), ("true", true), ("0", false), ("1", true), ("0.0", false), ("1.0", true)];

/// The state called `name`, one of these words; none if missing.
fn state<T: Copy>(object: &RawValue, name: &str, words: &[(&str, T)]) -> json::Result<Option<T>> {
    let Some(told) = json::at(object, &[name]).and_then(lenient::text) else { return Ok(None) };
    match words.iter().find(|(word, _)| word.eq_ignore_ascii_case(told.trim())) {
        Some((_, state)) => Ok(Some(*state)),
        None => bail!("{name}: not one that is known: {}", shorten(&one_line(&told), json::MOST_SHOWN)),
    }
}

/// The state called `name`, where the object and the state are required.
fn required<T: Copy>(object: Option<&RawValue>, name: &str, words: &[(&str, T)]) -> json::Result<T> {
    let object = object.ok_or_else(|| anyhow!("it is missing"))?;
    state(object, name, words)?.ok_or_else(|| anyhow!("missing field `{name}`"))
}

/// The state, or none: then the first such problem is kept with its place.
fn known<T>(state: json::Result<T>, place: &str, odd: &mut Option<String>) -> Option<T> {
    state.map_err(|problem| odd.get_or_insert_with(|| format!("{place}: {problem}"))).ok()
}

/// The readable messages of tasks.
fn messages(tasks: &RawValue) -> Vec<String> {
    let mut messages = Vec::new();
    // A value that is not a list has none.
    let _ = json::rows(tasks, |_, task| messages.extend(json::at(task, &["message"]).and_then(lenient::text)));
    messages
}

/// Fivetran's `setup_state`. Other values are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupState {
    /// It is set up.
    Connected,
    /// Its setup never passed its tests.
    Incomplete,
    /// Its setup does not work any more.
    Broken,
}

/// Fivetran's `sync_state`. Other values are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// It waits for its next sync.
    Scheduled,
    /// It syncs.
    Syncing,
    /// A person paused it.
    Paused,
    /// Its sync was postponed.
    Rescheduled,
}

impl SetupState {
    const WORDS: &[(&str, Self)] =
        &[("connected", Self::Connected), ("incomplete", Self::Incomplete), ("broken", Self::Broken)];
}

impl SyncState {
    const WORDS: &[(&str, Self)] = &[
        ("scheduled", Self::Scheduled),
        ("syncing", Self::Syncing),
        ("paused", Self::Paused),
        ("rescheduled", Self::Rescheduled),
    ];
}

/// The traces of syncs in a connection, by Fivetran's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// When the last successful sync ended.
    pub succeeded_at: Option<Moment>,
    /// When the last failed sync ended.
    pub failed_at: Option<Moment>,
    /// The time to which the last sync is postponed, if it is.
    pub rescheduled_for: Option<Moment>,
}

impl Connection {
    /// Parses the answer on the connection with this id.
    pub fn parse(body: &[u8], id: &ConnectionId) -> json::Result<Self> {
        let text = json::repaired(body);
        let Envelope { data: raw } = json::object(json::value(&text)?)?;
        let data: Shown<'_> = json::object(raw).context("data")?;
        if data.id != id.as_str() {
            bail!("data.id is {}, not {id}", one_line(&data.id));
        }
        // A history may tell how a sync ended, whatever the connection's states are.
        let mut odd_state = None;
        let paused = known(state(raw, "paused", PAUSED), "data", &mut odd_state).flatten();
        let sync_state = known(required(data.status, "sync_state", SyncState::WORDS), "data.status", &mut odd_state);
        let setup_state = known(required(data.status, "setup_state", SetupState::WORDS), "data.status", &mut odd_state);
        let status: Status<'_> = data.status.and_then(|status| json::object(status).ok()).unwrap_or_default();
        let mut odd_time = None;
        let mut moment = |told: &Told, name| {
            told.known(name).unwrap_or_else(|problem| {
                odd_time.get_or_insert_with(|| problem.to_string());
                None
            })
        };
        let traces = Traces {
            succeeded_at: moment(&data.succeeded_at, "data.succeeded_at"),
            failed_at: moment(&data.failed_at, "data.failed_at"),
            rescheduled_for: moment(&status.rescheduled_for, "data.status.rescheduled_for"),
        };
        Ok(Self {
            service: data.service,
            schema: data.schema,
            paused: paused.unwrap_or(false),
            manual: data.schedule_type.as_deref() == Some("manual"),
            traces,
            setup_state: setup_state.unwrap_or(SetupState::Connected),
            sync_state: sync_state.unwrap_or(SyncState::Scheduled),
            tasks: status.tasks.map(messages).unwrap_or_default(),
            odd_state,
            odd_time,
        })
    }

    /// True if a sync is running, whoever started it.
    pub fn is_syncing(&self) -> bool {
        self.sync_state == SyncState::Syncing
    }

    /// True if it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused || self.sync_state == SyncState::Paused
    }

    /// The setup problem that prevents syncs, with Fivetran's tasks.
    pub fn setup_problem(&self) -> Option<String> {
        match self.setup_state {
            SetupState::Broken => Some(self.with_tasks("the connection is broken")),
            SetupState::Incomplete => Some(self.with_tasks("the connection is not set up completely")),
            SetupState::Connected => None,
        }
    }

    /// The event, with the tasks that Fivetran gives a person.
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
    use plugin_guest::json::json;

    #[test]
    fn what_decides_is_understood_or_refused() {
        let id = ConnectionId::parse("one").expect("an id");
        for (change, problem) in [
            (("id", json!("two")), "data.id is two, not one"),
            (("id", json!(["one"])), r#"data.id is ["one"], not one"#),
        ] {
            let error = Connection::parse(&shown(&[change]).body, &id).expect_err(problem);
            assert_eq!(format!("{error:#}"), problem);
        }
        for (change, problem) in [
            (("paused", json!("perhaps")), "data: paused: not one that is known: perhaps"),
            (("status.sync_state", json!("dozing")), "data.status: sync_state: not one that is known: dozing"),
            (("status.setup_state", json!("odd")), "data.status: setup_state: not one that is known: odd"),
            (("status", json!({"setup_state": "connected"})), "data.status: missing field `sync_state`"),
            (("status", json!(["connected", "syncing"])), "data.status: missing field `sync_state`"),
            (("status", json!(null)), "data.status: it is missing"),
        ] {
            let connection = Connection::parse(&shown(&[change]).body, &id).expect(problem);
            assert_eq!(connection.odd_state.as_deref(), Some(problem));
            assert!(!connection.is_syncing() && !connection.is_paused() && connection.setup_problem().is_none());
        }
    }

    #[test]
    fn a_time_that_cannot_be_read_is_none_and_is_kept_in_mind() {
        let id = ConnectionId::parse("one").expect("an id");
        for field in ["succeeded_at", "failed_at", "status.rescheduled_for"] {
            let connection = Connection::parse(&shown(&[(field, json!("today"))]).body, &id).expect("a connection");
            let problem = format!(r#"data.{field}: not a time such as 2024-12-01T15:45:29.013729Z: "today""#);
            assert_eq!(connection.odd_time, Some(problem));
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
