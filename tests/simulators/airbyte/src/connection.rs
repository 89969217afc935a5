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
    /// The type of job that a requested sync becomes.
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

    /// The plan of the jobs that requests start from now on.
    pub fn plan(&mut self, plan: Plan) -> &mut Self {
        self.plans([plan])
    }

    /// The plans of the next jobs, in order; the last is for all that follow.
    pub fn plans(&mut self, plans: impl IntoIterator<Item = Plan>) -> &mut Self {
        self.plans = plans.into_iter().collect();
        self
    }

    /// Starts an unrequested job now. It is not counted.
    pub fn run_by_itself(&mut self, job_type: JobType, plan: Plan) -> &mut Self {
        self.due = Some((job_type, plan));
        self
    }

    /// Airbyte's `status` of it: `active`, `inactive` or `deprecated`.
    pub fn status(&mut self, status: &'static str) -> &mut Self {
        self.status = status;
        self
    }

    /// Gives it a schedule of Airbyte's own.
    pub fn scheduled(&mut self) -> &mut Self {
        self.manual = false;
        self
    }

    /// Has streams that are due to be refreshed: a requested sync becomes a refresh.
    pub fn refreshing(&mut self) -> &mut Self {
        self.syncs_as = JobType::Refresh;
        self
    }

    /// The number of syncs that requests have started.
    pub fn started(&self) -> usize {
        self.started
    }

    /// Handles a request to sync: none if a job is running, else the new job, whose plan decides on the answer.
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

    /// Its JSON.
    pub(crate) fn show(&self, id: &str) -> Value {
        json!({
            "connectionId": id,
            "name": "Postgres to Snowflake",
            "status": self.status,
            "schedule": {"scheduleType": if self.manual { "manual" } else { "basic" }},
        })
    }
}
