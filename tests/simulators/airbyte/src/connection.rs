use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Job, JobType, Plan};

/// A connection of the account, and its jobs.
#[derive(Debug)]
pub struct Connection {
    status: &'static str,
    manual: bool,
    plans: VecDeque<Plan>,
    pub(crate) jobs: Vec<Job>,
    /// A job of Airbyte's own, due now.
    due: Option<(JobType, Plan)>,
    started: usize,
    /// What becomes of a sync that is requested.
    syncs_as: JobType,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self {
            status: "active",
            manual: true,
            plans: VecDeque::new(),
            jobs: Vec::new(),
            due: None,
            started: 0,
            syncs_as: JobType::Sync,
        }
    }

    /// What the jobs do that requests start from now on.
    pub fn plan(&mut self, plan: Plan) -> &mut Self {
        self.plans([plan])
    }

    /// What they do one after the other; the last plan is for all that follow.
    pub fn plans(&mut self, plans: impl IntoIterator<Item = Plan>) -> &mut Self {
        self.plans = plans.into_iter().collect();
        self
    }

    /// Starts a job now that nobody requested. It is not counted.
    pub fn run_by_itself(&mut self, job_type: JobType, plan: Plan) -> &mut Self {
        self.due = Some((job_type, plan));
        self
    }

    /// Airbyte's `status` of it: `active`, `inactive` or `deprecated`.
    pub fn status(&mut self, status: &'static str) -> &mut Self {
        self.status = status;
        self
    }

    /// Lets Airbyte start syncs by itself, by its own schedule.
    pub fn scheduled(&mut self) -> &mut Self {
        self.manual = false;
        self
    }

    /// Has streams that wait to be refreshed: a sync that is requested becomes a refresh.
    pub fn refreshing(&mut self) -> &mut Self {
        self.syncs_as = JobType::Refresh;
        self
    }

    /// How many syncs requests have started.
    pub fn started(&self) -> usize {
        self.started
    }

    /// What a request to sync does: none where a job runs. Returns the job; its plan says what becomes of the
    /// answer.
    pub(crate) fn sync(&mut self, id: u64, now: Timestamp) -> Option<&Job> {
        if self.jobs.iter().any(|job| !job.is_over(now)) {
            return None;
        }
        let next = if self.plans.len() > 1 { self.plans.pop_front() } else { self.plans.front().cloned() };
        let plan = next.unwrap_or_else(Plan::succeeds);
        self.started += 1;
        Some(self.begin(id, self.syncs_as, now, plan))
    }

    /// Starts what is due.
    pub(crate) fn pass(&mut self, id: &mut u64, now: Timestamp) {
        if let Some((kind, plan)) = self.due.take() {
            *id += 1;
            self.begin(*id, kind, now, plan);
        }
    }

    fn begin(&mut self, id: u64, kind: JobType, created_at: Timestamp, plan: Plan) -> &Job {
        self.jobs.push(Job { id, kind, created_at, plan, cancelled_at: None });
        &self.jobs[self.jobs.len() - 1]
    }

    /// As the API shows it.
    pub(crate) fn show(&self, id: &str) -> Value {
        json!({
            "connectionId": id,
            "name": "Postgres to Snowflake",
            "status": self.status,
            "schedule": {"scheduleType": if self.manual { "manual" } else { "basic" }},
        })
    }
}
