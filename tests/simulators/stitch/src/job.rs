use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::clock::{later, to_the_second};
use crate::plan::Outcome;
use crate::{JobName, Phase, Plan};

/// A replication job: follows its plan until it ends or is stopped.
#[derive(Clone, Debug)]
pub struct Job {
    name: JobName,
    start: Timestamp,
    plan: Plan,
    stopped: Option<Timestamp>,
    is_handed_over: bool,
}

/// A phase's fields in a row: its exit status and its description.
type PhaseFields<'a> = (Option<i64>, Option<&'a str>);

impl Job {
    pub(crate) fn new(name: JobName, start: Timestamp, plan: Plan) -> Self {
        Self { name, start, plan, stopped: None, is_handed_over: false }
    }

    /// Its name.
    pub fn name(&self) -> JobName {
        self.name
    }

    /// When it started.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// When it ended, or will end unless stopped.
    pub fn end(&self) -> Timestamp {
        self.stopped.unwrap_or_else(|| later(self.start, self.plan.duration()))
    }

    /// True if it is running.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.start <= now && now < self.end()
    }

    /// True if it was or will be terminated: stopped by somebody, or by Stitch for running too long.
    pub fn is_terminated(&self) -> bool {
        self.stopped.is_some() || *self.plan.outcome() == Outcome::Terminated
    }

    /// True if its data is loaded. Documented for a stopped job; that a failed one loads nothing is assumed.
    pub(crate) fn is_loaded(&self) -> bool {
        self.is_terminated() || *self.plan.outcome() == Outcome::Succeeds
    }

    /// True if it has data to load that was not handed over yet; called when it has ended.
    pub(crate) fn hand_over(&mut self) -> bool {
        !std::mem::replace(&mut self.is_handed_over, true) && self.is_loaded()
    }

    /// Terminates it now, if it is running.
    pub(crate) fn stop(&mut self, now: Timestamp) {
        if self.is_running(now) {
            self.stopped = Some(now);
        }
    }

    /// Its row in the list of the last extractions at `now`.
    pub(crate) fn row(&self, now: Timestamp) -> Map<String, Value> {
        let completion = (self.end() <= now).then(|| to_the_second(self.end()));
        let mut row = Map::from_iter([
            ("job_name".to_owned(), json!(self.name.to_string())),
            ("start_time".to_owned(), json!(to_the_second(self.start))),
            ("completion_time".to_owned(), json!(completion)),
        ]);
        for phase in Phase::ALL {
            let (exit_status, description) = self.phase(phase, now);
            row.insert(format!("{}_exit_status", phase.name()), json!(exit_status));
            row.insert(format!("{}_description", phase.name()), json!(description));
        }
        row
    }

    fn phase(&self, phase: Phase, now: Timestamp) -> PhaseFields<'_> {
        if self.is_running(now) {
            let elapsed = now.duration_since(self.start).unsigned_abs();
            return ((phase < self.plan.phase_at(elapsed)).then_some(0), None);
        }
        match self.plan.outcome() {
            _ if self.is_terminated() => (None, Some("Terminated")),
            Outcome::Fails { phase: failed, exit_status, message } if *failed == phase => {
                (Some(*exit_status), Some(message))
            }
            _ => (Some(0), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{ClientId, SourceId};

    fn job(plan: Plan) -> Job {
        let start = "2020-06-19T15:09:38Z".parse().unwrap();
        Job::new(JobName::new(ClientId(1), SourceId(2), start, 0), start, plan)
    }

    /// The fields of a row that tell its state, `seconds` after the start.
    fn read(job: &Job, seconds: u64) -> Value {
        let row = job.row(later(job.start, Duration::from_secs(seconds)));
        let field = |name: &str| row[name].clone();
        json!([
            field("completion_time"),
            field("discovery_exit_status"),
            field("tap_exit_status"),
            field("target_exit_status"),
            field("tap_description"),
        ])
    }

    #[test]
    fn a_running_job_has_null_for_every_phase_not_ended() {
        let job = job(Plan::succeeds());
        assert_eq!(read(&job, 0), json!([null, null, null, null, null]));
        assert_eq!(read(&job, 10), json!([null, 0, null, null, null]));
        assert_eq!(read(&job, 59), json!([null, 0, 0, null, null]));
        assert_eq!(read(&job, 60), json!(["2020-06-19T15:10:38Z", 0, 0, 0, null]));
    }

    #[test]
    fn a_failed_job_reads_as_documented() {
        let job = job(Plan::fails(Phase::Tap, 1, "boom"));
        assert_eq!(read(&job, 40), json!(["2020-06-19T15:10:18Z", 0, 1, 0, "boom"]));
    }

    #[test]
    fn a_terminated_job_has_no_status_at_all() {
        let terminated = json!(["2020-06-19T15:10:18Z", null, null, null, "Terminated"]);
        assert_eq!(read(&job(Plan::terminated()), 40), terminated);
    }

    #[test]
    fn a_stopped_job_is_a_terminated_one() {
        let mut job = job(Plan::fails(Phase::Tap, 1, "boom"));
        job.stop(later(job.start, Duration::from_secs(22)));
        assert_eq!(read(&job, 22), json!(["2020-06-19T15:10:00Z", null, null, null, "Terminated"]));
    }

    #[test]
    fn a_job_that_has_ended_cannot_be_stopped() {
        let mut job = job(Plan::succeeds());
        job.stop(later(job.start, Duration::from_mins(1)));
        assert!(!job.is_terminated());
    }
}
