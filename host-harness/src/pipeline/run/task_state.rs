//! Stages of a task, and the stage at which a stored task resumes.

use std::time::Duration;

use jiff::Timestamp;

use crate::pipeline::run::wall_time::{since, system_time, wall};
use crate::store::{Attempt, AttemptError, AttemptId, TaskRun, TaskState};
use crate::watch::starts::Starts;
use crate::watch::trigger_record::TriggerRecord;
use crate::{Clock, Uptime};

/// The longest wait that is taken from the store.
const LONGEST: Duration = Duration::from_mins(10);

/// A stage of a task.
#[derive(Debug)]
pub(crate) enum TaskStage {
    /// An attempt starts after this wait.
    Start { number: u32, wait: Duration },
    /// An attempt's trigger is settled after this wait.
    Settle { number: u32, attempt: AttemptId, doubt: UnsettledTrigger, wait: Duration },
    /// A run goes on, and is polled after this wait.
    Watch { number: u32, attempt: AttemptId, run: String, wait: Duration },
}

/// A trigger of unknown outcome: it may have started a run.
#[derive(Clone, Debug)]
pub(crate) struct UnsettledTrigger {
    pub(crate) tried: SettleAttempts,
    /// The error that left the outcome unknown.
    pub(crate) error: AttemptError,
}

/// The calls made so far to start or settle a run.
#[derive(Clone, Debug)]
pub(crate) struct SettleAttempts {
    /// The calls that may have started it.
    pub(crate) starts: Starts,
    /// The number of calls of this process that left the outcome unknown.
    pub(crate) failures: u32,
}

impl SettleAttempts {
    /// The attempts after a trigger.
    pub(crate) fn triggered(record: TriggerRecord) -> Self {
        Self { starts: Starts::triggered(record), failures: 1 }
    }

    /// The attempts as stored, before this process makes any.
    fn stored(attempt: &Attempt, written: Timestamp) -> Self {
        let record = |at, uptime: &Option<Uptime>| TriggerRecord {
            at: system_time(at),
            uptime: uptime.clone(),
            written: system_time(written),
        };
        let mut starts = Starts::triggered(record(attempt.intended_at, &attempt.uptime));
        for settle in &attempt.settles {
            starts.settled(record(settle.at, &settle.uptime));
        }
        Self { starts, failures: 0 }
    }

    /// The attempts after one more `settle`; a `record` means that it may have started a run.
    pub(crate) fn and(mut self, record: Option<TriggerRecord>) -> Self {
        if let Some(record) = record {
            self.starts.settled(record);
        }
        Self { failures: self.failures + 1, ..self }
    }
}

impl TaskStage {
    /// The stage at which a stored task resumes.
    pub(crate) fn of(task: &TaskRun, clock: &impl Clock) -> Self {
        let Some(last) = task.attempts.last() else {
            return Self::Start { number: 1, wait: Duration::ZERO };
        };
        let number = last.number;
        // The wall clock may have been set back since then.
        let until =
            |then: Option<Timestamp>| then.map(|then| since(wall(clock), then)).unwrap_or_default().min(LONGEST);
        match (&task.state, &last.run) {
            (TaskState::Running, Some(run)) => {
                Self::Watch { number, attempt: last.id, run: run.clone(), wait: until(last.next_poll_at) }
            }
            (TaskState::Retrying, _) => Self::Start { number: number + 1, wait: until(task.retry_at) },
            _ => {
                let tried = SettleAttempts::stored(last, task.changed_at);
                let age = tried.starts.ages(clock).and_then(|ages| ages.last().copied()).unwrap_or_default();
                let error = last.error.clone().unwrap_or_else(|| AttemptError {
                    kind: "outcome_unknown".to_owned(),
                    code: "no_answer".to_owned(),
                    message: "the host was ended before the answer to the trigger was stored".to_owned(),
                    raw_message: None,
                    http_status: None,
                });
                let doubt = UnsettledTrigger { tried, error };
                Self::Settle { number, attempt: last.id, doubt, wait: TriggerRecord::SHOWN_AFTER.saturating_sub(age) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::TaskRunId;

    /// A clock that shows 1000 s.
    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_000)
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A task in this state, whose second attempt was intended at 995 s.
    fn task(state: TaskState, run: Option<&str>) -> TaskRun {
        let attempt = Attempt {
            id: AttemptId(7),
            number: 2,
            intended_at: at(995),
            uptime: None,
            settles: Vec::new(),
            run: run.map(str::to_owned),
            next_poll_at: None,
            report: None,
            error: None,
            outcome: None,
        };
        TaskRun {
            id: TaskRunId(1),
            name: "crm".to_owned(),
            tool: "Ferry".to_owned(),
            plugin: "ferry 1.0.0".to_owned(),
            plugin_sha256: None,
            state,
            message: None,
            retry_at: None,
            changed_at: at(995),
            attempts: vec![attempt],
            transitions: Vec::new(),
        }
    }

    #[test]
    fn a_task_without_an_attempt_begins_its_first_at_once() {
        let task = TaskRun { attempts: Vec::new(), ..task(TaskState::Waiting, None) };
        assert!(matches!(TaskStage::of(&task, &Noon), TaskStage::Start { number: 1, wait: Duration::ZERO }));
    }

    #[test]
    fn a_task_that_waits_for_another_attempt_waits_for_what_is_left_and_never_longer_than_ten_minutes() {
        for (retry_at, left) in [(1_020, 20), (1_599, 599), (9_999, 600), (990, 0)] {
            let task = TaskRun { retry_at: Some(at(retry_at)), ..task(TaskState::Retrying, Some("r")) };
            let TaskStage::Start { number, wait } = TaskStage::of(&task, &Noon) else { panic!("it does not start") };
            assert_eq!((number, wait.as_secs()), (3, left), "{retry_at}");
        }
    }

    #[test]
    fn a_run_that_goes_on_is_polled_when_it_is_due() {
        for (next_poll_at, left) in [(Some(1_020), 20), (None, 0)] {
            let mut task = task(TaskState::Running, Some("r"));
            task.attempts[0].next_poll_at = next_poll_at.map(at);
            let TaskStage::Watch { number, attempt, run, wait } = TaskStage::of(&task, &Noon) else {
                panic!("not watched")
            };
            assert_eq!((number, attempt, run.as_str(), wait.as_secs()), (2, AttemptId(7), "r", left));
        }
    }

    #[test]
    fn a_trigger_whose_answer_is_not_stored_is_settled_ten_seconds_after_it_at_the_earliest() {
        for state in [TaskState::Intended, TaskState::Unsettled, TaskState::Running] {
            for (intended_at, wait) in [(995, 5), (990, 0), (900, 0)] {
                let mut task = task(state, None);
                task.attempts[0].intended_at = at(intended_at);
                let TaskStage::Settle { number, attempt, doubt, wait: left } = TaskStage::of(&task, &Noon) else {
                    panic!("not settled")
                };
                assert_eq!((number, attempt, left.as_secs()), (2, AttemptId(7), wait), "{state:?} {intended_at}");
                let (at_then, written) = (system_time(at(intended_at)), system_time(at(995)));
                let record = TriggerRecord { at: at_then, uptime: None, written };
                assert_eq!(doubt.tried.starts, Starts::triggered(record));
                assert_eq!(doubt.error.message, "the host was ended before the answer to the trigger was stored");
            }
        }
    }

    #[test]
    fn each_call_of_this_process_that_left_the_outcome_unknown_is_a_failure_more() {
        let task = task(TaskState::Unsettled, None);
        let TaskStage::Settle { doubt, .. } = TaskStage::of(&task, &Noon) else { panic!("not settled") };
        let trigger = SettleAttempts::triggered(TriggerRecord::now(&Noon));
        let failures = |tried: &SettleAttempts| tried.failures;
        assert_eq!([&doubt.tried, &trigger].map(failures), [0, 1]);
        for tried in [doubt.tried, trigger] {
            let before = failures(&tried);
            assert_eq!(failures(&tried.clone().and(None)), before + 1);
            assert_eq!(failures(&tried.and(Some(TriggerRecord::now(&Noon)))), before + 1);
        }
    }

    #[test]
    fn what_was_known_of_a_doubt_stays_known() {
        let known = AttemptError {
            kind: "outcome_unknown".to_owned(),
            code: "no_answer".to_owned(),
            message: "it did not answer".to_owned(),
            raw_message: Some("reset".to_owned()),
            http_status: None,
        };
        let mut task = task(TaskState::Unsettled, None);
        task.attempts[0].error = Some(known.clone());
        let TaskStage::Settle { doubt, .. } = TaskStage::of(&task, &Noon) else { panic!("not settled") };
        assert_eq!(doubt.error, known);
    }
}
