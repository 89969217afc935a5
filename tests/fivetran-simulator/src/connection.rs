use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Plan;
use crate::plan::Ending;

/// A connection of the account: `schedule_type` is `auto` unless [told](Self::scheduled_manually).
#[derive(Debug)]
pub struct Connection {
    setup_state: SetupState,
    paused: bool,
    manual: bool,
    task: Option<String>,
    succeeded_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    rescheduled_for: Option<Timestamp>,
    running: Option<(Timestamp, Plan)>,
    /// What syncs do that a request starts: the first the next one, the last every one after it.
    plans: VecDeque<Plan>,
    /// A sync of Fivetran's own schedule, due now.
    due: Option<Plan>,
    started: usize,
}

/// Fivetran's `setup_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupState {
    /// It is set up.
    Connected,
    /// Its setup never passed its tests.
    Incomplete,
    /// Its setup does not work any more.
    Broken,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self {
            setup_state: SetupState::Connected,
            paused: false,
            manual: false,
            task: None,
            succeeded_at: None,
            failed_at: None,
            rescheduled_for: None,
            running: None,
            plans: VecDeque::new(),
            due: None,
            started: 0,
        }
    }

    /// What the syncs do that requests start from now on.
    pub fn plan(&mut self, plan: Plan) -> &mut Self {
        self.plans([plan])
    }

    /// What they do one after the other; the last plan is for all that follow.
    pub fn plans(&mut self, plans: impl IntoIterator<Item = Plan>) -> &mut Self {
        self.plans = plans.into_iter().collect();
        self
    }

    /// Starts a sync of Fivetran's own schedule now. It is not counted.
    pub fn sync_by_itself(&mut self, plan: Plan) -> &mut Self {
        self.due = Some(plan);
        self
    }

    /// Pauses it, or lets it go on. A sync that runs is let run.
    pub fn pause(&mut self, paused: bool) -> &mut Self {
        self.paused = paused;
        self
    }

    /// Leaves its schedule to the user: Fivetran begins no sync by itself, nor again what it put off.
    pub fn scheduled_manually(&mut self) -> &mut Self {
        self.manual = true;
        self
    }

    /// How its setup stands, and what a person has to do about it.
    pub fn set_up(&mut self, state: SetupState, task: Option<&str>) -> &mut Self {
        self.setup_state = state;
        self.task = task.map(str::to_owned);
        self
    }

    /// When its last syncs ended, well and badly.
    pub fn ended_before(&mut self, succeeded_at: Option<Timestamp>, failed_at: Option<Timestamp>) -> &mut Self {
        (self.succeeded_at, self.failed_at) = (succeeded_at, failed_at);
        self
    }

    /// How many syncs requests have started.
    pub fn started(&self) -> usize {
        self.started
    }

    /// What a request to sync does: starts a sync unless one runs or the connection is paused. Returns whether the answer
    /// gets to the client.
    pub(crate) fn sync(&mut self, now: Timestamp, force: bool) -> bool {
        if self.paused || (self.running.is_some() && !force) {
            return true;
        }
        let next = if self.plans.len() > 1 { self.plans.pop_front() } else { self.plans.front().cloned() };
        let plan = next.unwrap_or_else(Plan::succeeds);
        let answered = !plan.answer_is_lost;
        self.begin(now, plan);
        self.started += 1;
        answered
    }

    /// Lets happen what was to happen until now.
    pub(crate) fn pass(&mut self, now: Timestamp) {
        if let Some(plan) = self.due.take().filter(|_| self.running.is_none()) {
            self.begin(now, plan);
        }
        loop {
            match (&self.running, self.rescheduled_for) {
                (Some((since, plan)), _) if later(*since, plan.lasts) <= now => {
                    let (ended_at, plan) = (later(*since, plan.lasts), plan.clone());
                    self.end(ended_at, plan.ending);
                }
                (None, Some(again)) if again <= now && !self.manual && !self.paused => {
                    self.begin(again, Plan::succeeds().lasting(Duration::ZERO));
                }
                _ => return,
            }
        }
    }

    /// As the API shows it.
    pub(crate) fn show(&self, id: &str) -> Value {
        let sync_state = match self {
            Self { running: Some(_), .. } => "syncing",
            Self { paused: true, .. } => "paused",
            Self { rescheduled_for: Some(_), .. } => "rescheduled",
            _ => "scheduled",
        };
        let setup_state = match self.setup_state {
            SetupState::Connected => "connected",
            SetupState::Incomplete => "incomplete",
            SetupState::Broken => "broken",
        };
        let tasks: Vec<_> = self.task.iter().map(|task| json!({"code": "reconnect", "message": task})).collect();
        json!({
            "id": id,
            "service": "salesforce",
            "schema": format!("schema_of_{id}"),
            "group_id": "projected_sickle",
            "paused": self.paused,
            "schedule_type": if self.manual { "manual" } else { "auto" },
            "sync_frequency": 360,
            "succeeded_at": self.succeeded_at.map(to_the_microsecond),
            "failed_at": self.failed_at.map(to_the_microsecond),
            "status": {
                "setup_state": setup_state,
                "sync_state": sync_state,
                "update_state": "on_schedule",
                "is_historical_sync": false,
                "rescheduled_for": self.rescheduled_for.map(to_the_microsecond),
                "tasks": tasks,
                "warnings": [],
            },
        })
    }

    fn begin(&mut self, now: Timestamp, plan: Plan) {
        self.rescheduled_for = None;
        self.running = Some((now, plan));
    }

    fn end(&mut self, ended_at: Timestamp, ending: Ending) {
        self.running = None;
        match ending {
            Ending::Succeeds => (self.succeeded_at, self.task) = (Some(ended_at), None),
            Ending::Fails(task) => (self.failed_at, self.task) = (Some(ended_at), Some(task)),
            Ending::Breaks(task) => {
                (self.failed_at, self.task) = (Some(ended_at), Some(task));
                self.setup_state = SetupState::Broken;
            }
            Ending::PutOff(by) => self.rescheduled_for = Some(later(ended_at, by)),
            Ending::Paused => self.paused = true,
        }
    }
}

/// `by` after `at`, or the end of time.
fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn to_the_microsecond(at: Timestamp) -> String {
    format!("{at:.6}")
}
