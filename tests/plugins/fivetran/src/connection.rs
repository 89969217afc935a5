//! A connection as Fivetran shows it, and where its sync stands.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::contract::Verdict;
use plugin_guest::json::{self, Value};
use plugin_guest::report::one_line;

use crate::moment::Moment;

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
    /// Fivetran's `setup_state`: `connected`, `incomplete` or `broken`.
    pub setup_state: String,
    /// Fivetran's `sync_state`: `scheduled`, `syncing`, `paused` or `rescheduled`.
    pub sync_state: String,
    /// What Fivetran wants a person to do about it.
    pub tasks: Vec<String>,
}

/// What syncs leave behind, by Fivetran's clock. A sync has no id: it is told from those before it by these times alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// When the last sync ended that went well.
    pub succeeded_at: Option<Moment>,
    /// When the last sync ended that failed.
    pub failed_at: Option<Moment>,
    /// Until when the last sync was put off, while it is.
    pub rescheduled_for: Option<Moment>,
}

/// Where a sync stands, and in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on.
    Running(String),
    /// It has ended.
    Ended(Verdict, String),
}

impl Connection {
    /// Understands an answer.
    pub fn parse(body: &[u8]) -> json::Result<Self> {
        let envelope = json::parse(body)?;
        let data = &envelope["data"];
        let status = &data["status"];
        let state = |name| json::required(status, name, "text", |value| value.as_str().map(str::to_owned));
        let moment =
            |object, name| json::optional(object, name, Moment::EXPECTED, |value| Moment::parse(value.as_str()?));
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
            setup_state: state("setup_state")?,
            sync_state: state("sync_state")?,
            tasks: tasks.filter_map(|task| json::text(&task["message"])).collect(),
        })
    }

    /// Whether a sync runs now, whoever started it.
    pub fn is_syncing(&self) -> bool {
        self.sync_state == "syncing"
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused || self.sync_state == "paused"
    }

    /// Why its setup lets it not sync, with Fivetran's tasks; none where it can.
    pub fn setup_problem(&self) -> Option<String> {
        match self.setup_state.as_str() {
            "broken" => Some(self.with_tasks("the connection is broken")),
            "incomplete" => Some(self.with_tasks("the connection is not set up completely")),
            _ => None,
        }
    }

    /// Where the sync stands that was started while the traces were these.
    ///
    /// Times of Fivetran are compared with each other alone. A time that was there before is not of this sync, and while one
    /// runs nothing has ended: what moved may be of one that was ending when ours was started.
    pub fn standing(&self, before: &Traces) -> Standing {
        use Standing::{Ended, Running};
        let moved = |before, now| Some(now).filter(|now| *now > before).flatten();
        let succeeded_at = moved(before.succeeded_at, self.traces.succeeded_at);
        let failed_at = moved(before.failed_at, self.traces.failed_at);
        let put_off = moved(before.rescheduled_for, self.traces.rescheduled_for);
        if self.is_syncing() {
            Running("the sync is running".to_owned())
        } else if succeeded_at > failed_at {
            let between = failed_at.map(|at| format!(", after one that failed at {at}")).unwrap_or_default();
            Ended(Verdict::Succeeded, format!("the sync succeeded{between}"))
        } else if failed_at.is_some() {
            Ended(Verdict::Failed, self.with_tasks("the sync failed"))
        } else if let Some(problem) = self.setup_problem() {
            Ended(Verdict::Failed, problem)
        } else if self.is_paused() {
            Ended(Verdict::Cancelled, "the connection was paused before the sync ended".to_owned())
        } else if let Some(until) = put_off {
            let event = format!("fivetran put the sync off until {until}");
            if self.manual {
                let never = "and with a manual schedule it does not go on by itself: run the task again then";
                Ended(Verdict::Cancelled, format!("{event}, {never}"))
            } else {
                Running(format!("{event} and goes on by itself then"))
            }
        } else {
            Running("the sync was triggered; fivetran does not show yet that it runs".to_owned())
        }
    }

    fn with_tasks(&self, event: &str) -> String {
        match &self.tasks[..] {
            [] => format!("{event}; fivetran names no task: its dashboard tells more"),
            tasks => format!("{event}: {}", one_line(&tasks.join("; "))),
        }
    }
}
