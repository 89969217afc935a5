use std::collections::VecDeque;
use std::time::Duration;

use http::StatusCode;
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
    /// The syncs so far, including a running one.
    history: Vec<Sync>,
    /// True if the key may see them.
    history_is_shown: bool,
    /// The time for which a sync is not shown after its start.
    unseen: Duration,
    /// The time that a requested sync waits before it begins.
    waits: Duration,
    /// The time until which a sync waits.
    waits_until: Option<Timestamp>,
    /// The plans of requested syncs: the first is for the next one, the last for all that follow.
    plans: VecDeque<Plan>,
    /// The syncs of Fivetran's own schedule and their times; the first is the next.
    due: VecDeque<(Timestamp, Plan)>,
    started: usize,
}

/// A sync in the history.
#[derive(Debug)]
struct Sync {
    began: Timestamp,
    ended: Option<Timestamp>,
    status: &'static str,
    reason: Option<String>,
}

impl Sync {
    fn show(&self, place: usize) -> Value {
        let mut item = json!({
            "sync_id": format!("sync-{place}"),
            "start": to_the_microsecond(self.began),
            "end": self.ended.map(to_the_microsecond),
            "status": self.status,
            "stages": {"extract": {"volume": 1.5}, "process": {"volume": 1.25}, "load": {"volume": null}},
        });
        if let Some(reason) = &self.reason {
            item["reason"] = reason.as_str().into();
        }
        item
    }
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
            history: Vec::new(),
            history_is_shown: true,
            unseen: Duration::ZERO,
            waits: Duration::ZERO,
            waits_until: None,
            plans: VecDeque::new(),
            due: VecDeque::new(),
            started: 0,
        }
    }

    /// The plan of the syncs that requests start from now on.
    pub fn plan(&mut self, plan: Plan) -> &mut Self {
        self.plans([plan])
    }

    /// The plans of the next syncs, in order; the last is for all that follow.
    pub fn plans(&mut self, plans: impl IntoIterator<Item = Plan>) -> &mut Self {
        self.plans = plans.into_iter().collect();
        self
    }

    /// Starts a sync of Fivetran's own schedule now. It is not counted.
    pub fn sync_by_itself(&mut self, plan: Plan) -> &mut Self {
        self.sync_by_itself_at(Timestamp::MIN, plan)
    }

    /// Starts a sync of Fivetran's own schedule at this time, or now if it is past. Skipped if a sync is running then.
    pub fn sync_by_itself_at(&mut self, time: Timestamp, plan: Plan) -> &mut Self {
        self.due.push_back((time, plan));
        self
    }

    /// Refuses to show the history of its syncs.
    pub fn without_history(&mut self) -> &mut Self {
        self.history_is_shown = false;
        self
    }

    /// Shows a sync only after it has run for this long, in `sync_state` and in the history.
    pub fn shown_after(&mut self, unseen: Duration) -> &mut Self {
        self.unseen = unseen;
        self
    }

    /// Lets a requested sync wait for this long before it begins: only the history shows it, without a `start`.
    pub fn begins_after(&mut self, waits: Duration) -> &mut Self {
        self.waits = waits;
        self
    }

    /// Pauses or unpauses it. A running sync goes on.
    pub fn pause(&mut self, paused: bool) -> &mut Self {
        self.paused = paused;
        self
    }

    /// Makes its schedule manual: Fivetran starts no sync by itself, not even a postponed one.
    pub fn scheduled_manually(&mut self) -> &mut Self {
        self.manual = true;
        self
    }

    /// The state of its setup, and the task that a person gets.
    pub fn set_up(&mut self, state: SetupState, task: Option<&str>) -> &mut Self {
        self.setup_state = state;
        self.task = task.map(str::to_owned);
        self
    }

    /// The ends of its last successful and failed syncs.
    pub fn ended_before(&mut self, succeeded_at: Option<Timestamp>, failed_at: Option<Timestamp>) -> &mut Self {
        (self.succeeded_at, self.failed_at) = (succeeded_at, failed_at);
        self
    }

    /// The number of syncs that requests have started.
    pub fn started(&self) -> usize {
        self.started
    }

    /// Handles a request to sync: starts one unless one is running or the connection is paused. Returns the status of
    /// the answer, if it reaches the client.
    pub(crate) fn sync(&mut self, now: Timestamp, force: bool) -> Option<StatusCode> {
        let waits = self.waits_until.is_some_and(|until| now < until);
        if self.paused || waits || (self.running.is_some() && !force) {
            return Some(StatusCode::OK);
        }
        if self.running.is_some() {
            self.end(now, Ending::Cancelled);
        }
        let next = if self.plans.len() > 1 { self.plans.pop_front() } else { self.plans.front().cloned() };
        let plan = next.unwrap_or_else(Plan::succeeds);
        let answer = plan.answer;
        if self.waits.is_zero() {
            self.begin(now, plan);
        } else {
            let begins = later(now, self.waits);
            self.waits_until = Some(begins);
            self.due.push_front((begins, plan));
        }
        self.started += 1;
        answer
    }

    /// Advances to `now`.
    pub(crate) fn pass(&mut self, now: Timestamp) {
        loop {
            let end = self.running.as_ref().map(|(since, plan)| (later(*since, plan.lasts), plan.ending.clone()));
            let due = self.due.front().map(|(at, _)| if *at == Timestamp::MIN { now } else { *at });
            let again = self.rescheduled_for.filter(|_| self.running.is_none() && !self.manual && !self.paused);
            match (end, due, again) {
                (Some((at, ending)), due, _) if at <= now && due.is_none_or(|due| at <= due) => self.end(at, ending),
                (_, Some(at), _) if at <= now => {
                    let due = self.due.pop_front().filter(|_| self.running.is_none() && !self.paused);
                    if let Some((_, plan)) = due {
                        self.begin(at, plan);
                    }
                }
                (_, _, Some(at)) if at <= now => self.begin(at, Plan::succeeds().lasting(Duration::ZERO)),
                _ => return,
            }
        }
    }

    /// Its history, if the key may see it: the syncs that began in the period of the query, latest first.
    pub(crate) fn history(&self, now: Timestamp, query: &str) -> Option<Result<Vec<Value>, &'static str>> {
        self.history_is_shown.then(|| {
            let asked = |name: &str| {
                let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.find(|(key, _)| *key == name)?.1.parse::<Timestamp>().ok()
            };
            let (since, until) =
                asked("start_time").zip(asked("end_time")).ok_or("start_time or end_time is no time")?;
            if until <= since || later(since, Duration::from_hours(7 * 24)) < until {
                return Err("end_time must be after start_time, by 7 days at most");
            }
            let shown = |sync: &Sync| (since..=until).contains(&sync.began) && later(sync.began, self.unseen) <= now;
            let syncs = self.history.iter().enumerate().rev().filter(|(_, sync)| shown(sync));
            let waiting = self.waits_until.filter(|until| now < *until);
            let waiting = waiting.map(|_| json!({"sync_id": "sync-next", "start": null, "end": null}));
            Ok(waiting.into_iter().chain(syncs.map(|(place, sync)| sync.show(place))).collect())
        })
    }

    /// Its JSON.
    pub(crate) fn show(&self, now: Timestamp, id: &str) -> Value {
        let sync_state = match self {
            Self { running: Some((since, _)), .. } if later(*since, self.unseen) <= now => "syncing",
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
        // The status of a running sync is not documented.
        self.history.push(Sync { began: now, ended: None, status: "INCOMPLETE", reason: None });
    }

    fn end(&mut self, ended_at: Timestamp, ending: Ending) {
        self.running = None;
        let (status, reason) = match ending {
            Ending::Succeeds => {
                (self.succeeded_at, self.task) = (Some(ended_at), None);
                ("COMPLETED", None)
            }
            Ending::Fails(task) => self.fail(ended_at, task),
            Ending::Breaks(task) => {
                self.setup_state = SetupState::Broken;
                self.fail(ended_at, task)
            }
            Ending::PutOff(by) => {
                self.rescheduled_for = Some(later(ended_at, by));
                ("RESCHEDULED", None)
            }
            Ending::Paused => {
                self.paused = true;
                ("PAUSED", None)
            }
            Ending::Cancelled => ("CANCELED", None),
        };
        if let Some(sync) = self.history.last_mut() {
            *sync = Sync { ended: Some(ended_at), status, reason, ..*sync };
        }
    }

    fn fail(&mut self, at: Timestamp, task: String) -> (&'static str, Option<String>) {
        let reason = format!("the source said no: {task}");
        (self.failed_at, self.task) = (Some(at), Some(task));
        ("FAILURE", Some(reason))
    }
}

/// `by` after `at`, or the end of time.
fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn to_the_microsecond(at: Timestamp) -> String {
    format!("{at:.6}")
}
