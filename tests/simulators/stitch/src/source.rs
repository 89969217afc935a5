use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::{earlier, later, to_the_second};
use crate::schedule::Schedule;
use crate::{ClientId, Job, JobName, Loading, Plan, SourceId, Stream};

/// The time for which an extraction or a load is listed after its end: 60 days.
pub(crate) const RETENTION: Duration = Duration::from_hours(60 * 24);

/// A source of an account, with its jobs and streams.
///
/// The methods that build one return it again, so that calls chain.
#[derive(Clone, Debug)]
pub struct Source {
    id: SourceId,
    client_id: ClientId,
    name: String,
    kind: String,
    created: Timestamp,
    paused: Option<Timestamp>,
    system_paused: Option<Timestamp>,
    deleted: Option<Timestamp>,
    is_fully_configured: bool,
    plan: Plan,
    jobs: Vec<Job>,
    jobs_started: u16,
    schedule: Schedule,
    streams: Vec<Stream>,
    /// The time up to which everything has happened.
    now: Timestamp,
}

/// The error of starting a job while another one of the source is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyRunning;

impl Source {
    pub(crate) fn new(id: SourceId, client_id: ClientId, now: Timestamp) -> Self {
        Self {
            id,
            client_id,
            name: format!("hubspot_{id}"),
            kind: "hubspot".to_owned(),
            created: earlier(now, RETENTION * 6),
            paused: None,
            system_paused: None,
            deleted: None,
            is_fully_configured: true,
            plan: Plan::succeeds(),
            jobs: Vec::new(),
            jobs_started: 0,
            schedule: Schedule::default(),
            streams: Vec::new(),
            now,
        }
    }

    /// Sets its name, which loads show as `source_name`, and its kind: `hubspot` shows as `platform.hubspot` and
    /// `tap-hubspot`.
    pub fn named(&mut self, name: &str, kind: &str) -> &mut Self {
        name.clone_into(&mut self.name);
        kind.clone_into(&mut self.kind);
        self
    }

    /// The plan of every job that the API starts from now on.
    pub fn plan(&mut self, plan: Plan) -> &mut Self {
        self.plan = plan;
        self
    }

    /// Pauses it as a person: Stitch's schedule starts nothing, the API still does.
    pub fn paused(&mut self) -> &mut Self {
        self.paused = Some(self.now);
        self
    }

    /// Pauses it as Stitch does.
    pub fn system_paused(&mut self) -> &mut Self {
        self.system_paused = Some(self.now);
        self
    }

    /// Deletes it: it is still listed, and never started again.
    pub fn deleted(&mut self) -> &mut Self {
        self.deleted = Some(self.now);
        self
    }

    /// Leaves its set-up incomplete.
    pub fn not_fully_configured(&mut self) -> &mut Self {
        self.is_fully_configured = false;
        self
    }

    /// Adds a stream. Jobs that have ended were loaded without errors.
    pub fn stream(&mut self, mut stream: Stream) -> &mut Self {
        for job in self.jobs.iter().filter(|job| job.end() <= self.now && job.is_loaded()) {
            stream.was_extracted(job.end());
        }
        self.streams.push(stream);
        self
    }

    /// Replaces the loading of the streams called `name`, after each extraction that ends from now on.
    pub fn stream_loading(&mut self, name: &str, loading: &Loading) -> &mut Self {
        for stream in self.streams.iter_mut().filter(|stream| stream.name() == name) {
            *stream = stream.clone().loading(loading.clone());
        }
        self
    }

    /// A job that somebody started in the past: by its plan it has ended since, or is running still.
    ///
    /// # Panics
    /// When another job was running then: the test that asks for it is wrong.
    pub fn job_ago(&mut self, ago: Duration, plan: Plan) -> &mut Self {
        let started = self.start_at(earlier(self.now, ago), plan);
        assert!(started.is_ok(), "source {} had a job running {ago:?} ago", self.id);
        self.advance_to(self.now);
        self
    }

    /// A job that Stitch's schedule starts in the future, unless the source is paused or busy then.
    pub fn job_in(&mut self, after: Duration, plan: Plan) -> &mut Self {
        self.schedule.once(later(self.now, after), plan);
        self
    }

    /// Jobs that Stitch's schedule starts now and after each `period` (at least a second) again, unless the source is
    /// paused or busy then.
    pub fn job_every(&mut self, period: Duration, plan: Plan) -> &mut Self {
        self.schedule.every(period, self.now, plan);
        self.advance_to(self.now);
        self
    }

    /// Starts a job now, as a person would in Stitch's own interface.
    pub fn start(&mut self, plan: Plan) -> Result<JobName, AlreadyRunning> {
        let name = self.start_at(self.now, plan)?;
        self.advance_to(self.now);
        Ok(name)
    }

    /// Starts a job now by the source's own plan.
    pub(crate) fn start_planned(&mut self) -> Result<JobName, AlreadyRunning> {
        self.start(self.plan.clone())
    }

    /// Stops the job that is running, if any.
    pub fn stop(&mut self) {
        let now = self.now;
        self.jobs.iter_mut().for_each(|job| job.stop(now));
        self.advance_to(now);
    }

    /// The jobs not yet forgotten, in the order in which they started.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The job that is running.
    pub fn running_job(&self) -> Option<&Job> {
        self.jobs.iter().find(|job| job.is_running(self.now))
    }

    /// Its id.
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    pub(crate) fn is_fully_configured(&self) -> bool {
        self.is_fully_configured
    }

    pub(crate) fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// Lets everything happen that is due by `now`.
    pub(crate) fn advance_to(&mut self, now: Timestamp) {
        while let Some((start, plan)) = self.schedule.pop_due(now) {
            let rests = self.paused.or(self.system_paused).or(self.deleted).is_some();
            if !rests {
                // Busy: Stitch leaves this start out.
                let _: Result<_, AlreadyRunning> = self.start_at(start, plan);
            }
        }
        self.now = now;
        for job in self.jobs.iter_mut().filter(|job| job.end() <= now) {
            if job.hand_over() {
                self.streams.iter_mut().for_each(|stream| stream.extracted(job.end()));
            }
        }
        let horizon = earlier(now, RETENTION);
        self.jobs.retain(|job| job.end() >= horizon);
        self.streams.iter_mut().for_each(|stream| stream.forget_before(horizon));
    }

    /// The row of the last extraction, or of the running one where that is asked for.
    pub(crate) fn extraction_row(&self, with_running: bool) -> Option<Value> {
        let running = self.running_job().filter(|_| with_running);
        let job = running.or_else(|| self.jobs.iter().rev().find(|job| job.end() <= self.now))?;
        let mut row = job.row(self.now);
        row.insert("stitch_client_id".to_owned(), json!(self.client_id.0));
        row.insert("source_id".to_owned(), json!(self.id.0));
        row.insert("source_type".to_owned(), json!(format!("tap-{}", self.kind)));
        Some(Value::Object(row))
    }

    /// The answer to `GET /v4/sources/{id}`.
    pub(crate) fn entry(&self) -> Value {
        let steps = ["form", "discover_schema", "field_selection", "fully_configured"];
        let current = if self.is_fully_configured { 4 } else { 3 };
        json!({
            "id": self.id.0,
            "name": self.name,
            "display_name": self.name,
            "type": format!("platform.{}", self.kind),
            "stitch_client_id": self.client_id.0,
            "paused_at": self.paused.map(to_the_second),
            "system_paused_at": self.system_paused.map(to_the_second),
            "deleted_at": self.deleted.map(to_the_second),
            "created_at": to_the_second(self.created),
            "updated_at": to_the_second(self.created),
            "properties": {"frequency_in_minutes": "1440"},
            "schedule": null,
            "report_card": {
                "type": format!("platform.{}", self.kind),
                "current_step": current,
                "current_step_type": steps[current - 1],
                "steps": steps.map(|kind| json!({"type": kind, "properties": []})),
            },
        })
    }

    fn start_at(&mut self, start: Timestamp, plan: Plan) -> Result<JobName, AlreadyRunning> {
        if self.jobs.iter().any(|job| job.is_running(start)) {
            return Err(AlreadyRunning);
        }
        let name = JobName::new(self.client_id, self.id, start, self.jobs_started);
        self.jobs_started = self.jobs_started.wrapping_add(1);
        if let Some((after, next)) = plan.next() {
            self.schedule.once(later(start, after), next.clone());
        }
        let index = self.jobs.partition_point(|other| other.start() <= start);
        self.jobs.insert(index, Job::new(name, start, plan));
        Ok(name)
    }
}

impl fmt::Display for AlreadyRunning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a job of this source is already running")
    }
}

impl std::error::Error for AlreadyRunning {}
