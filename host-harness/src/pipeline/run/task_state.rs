//! Where a task stands, and where one goes on that is taken up from the store.

use std::time::Duration;

use jiff::Timestamp;

use crate::Clock;
use crate::pipeline::run::wall_time::{since, system_time, wall};
use crate::store::{AttemptError, AttemptId, TaskRun, TaskState};
use crate::watch::trigger_record::TriggerRecord;

/// The longest wait that a store is believed.
const LONGEST: Duration = Duration::from_mins(10);

/// How long after a trigger its tool is given to show what became of it: a request may still be on its way.
const SHOWN_AFTER: Duration = Duration::from_secs(10);

/// Where a task stands.
#[derive(Debug)]
pub(crate) enum TaskStage {
    /// An attempt begins after this wait.
    Start { number: u32, wait: Duration },
    /// It is to be found out, after this wait, whether an attempt's trigger started a run.
    Settle { number: u32, attempt: AttemptId, doubt: UnsettledTrigger, wait: Duration },
    /// A run goes on, and is next polled after this wait.
    Watch { number: u32, attempt: AttemptId, run: String, wait: Duration },
}

/// A trigger that may have started a run.
#[derive(Clone, Debug)]
pub(crate) struct UnsettledTrigger {
    pub(crate) intent: TriggerRecord,
    pub(crate) tried: SettleAttempts,
    /// Why it is not known, or still not.
    pub(crate) error: AttemptError,
}

/// What was done to settle a trigger, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SettleAttempts {
    /// Calls that did not settle it.
    pub(crate) failures: u32,
    /// Those of them whose own request may have started a run, too.
    pub(crate) starts: u32,
}

impl SettleAttempts {
    /// The most calls that may each have started a run: a tool that fails at each for that long, some 50 minutes, is for a person
    /// to look at.
    const MOST_STARTS: u32 = 10;

    /// After one more call.
    pub(crate) fn and(self, may_have_started: bool) -> Self {
        Self { failures: self.failures + 1, starts: self.starts + u32::from(may_have_started) }
    }

    /// Whether another is to be made.
    pub(crate) fn goes_on(self) -> bool {
        self.starts < Self::MOST_STARTS
    }
}

impl TaskStage {
    /// Where a task goes on.
    pub(crate) fn of(task: &TaskRun, clock: &impl Clock) -> Self {
        let Some(last) = task.attempts.last() else {
            return Self::Start { number: 1, wait: Duration::ZERO };
        };
        let number = last.number;
        // The clock may have been set back since it was written.
        let until =
            |then: Option<Timestamp>| then.map(|then| since(wall(clock), then)).unwrap_or_default().min(LONGEST);
        match (&task.state, &last.run) {
            (TaskState::Running, Some(run)) => {
                Self::Watch { number, attempt: last.id, run: run.clone(), wait: until(last.next_poll_at) }
            }
            (TaskState::Retrying, _) => Self::Start { number: number + 1, wait: until(task.retry_at) },
            _ => {
                let intent = TriggerRecord {
                    at: system_time(last.intended_at),
                    uptime: last.uptime.clone(),
                    written: system_time(task.changed_at),
                };
                let age = intent.age(clock).unwrap_or_default();
                let error = last.error.clone().unwrap_or_else(|| AttemptError {
                    kind: "outcome_unknown".to_owned(),
                    code: "no_answer".to_owned(),
                    message: "the host was ended before the answer to the trigger was stored".to_owned(),
                    raw_message: None,
                    http_status: None,
                });
                let doubt = UnsettledTrigger { intent, tried: SettleAttempts::default(), error };
                Self::Settle { number, attempt: last.id, doubt, wait: SHOWN_AFTER.saturating_sub(age) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::{Attempt, TaskRunId};

    /// The time of day is 1000 s.
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
        assert!(matches!(Stage::of(&task, &Noon), Stage::Start { number: 1, wait: Duration::ZERO }));
    }

    #[test]
    fn a_task_that_waits_for_another_attempt_waits_for_what_is_left_and_never_longer_than_ten_minutes() {
        for (retry_at, left) in [(1_020, 20), (1_599, 599), (9_999, 600), (990, 0)] {
            let task = TaskRun { retry_at: Some(at(retry_at)), ..task(TaskState::Retrying, Some("r")) };
            let Stage::Start { number, wait } = Stage::of(&task, &Noon) else { panic!("it does not start") };
            assert_eq!((number, wait.as_secs()), (3, left), "{retry_at}");
        }
    }

    #[test]
    fn a_run_that_goes_on_is_polled_when_it_is_due() {
        for (next_poll_at, left) in [(Some(1_020), 20), (None, 0)] {
            let mut task = task(TaskState::Running, Some("r"));
            task.attempts[0].next_poll_at = next_poll_at.map(at);
            let Stage::Watch { number, attempt, run, wait } = Stage::of(&task, &Noon) else { panic!("not watched") };
            assert_eq!((number, attempt, run.as_str(), wait.as_secs()), (2, AttemptId(7), "r", left));
        }
    }

    #[test]
    fn a_trigger_whose_answer_is_not_stored_is_settled_ten_seconds_after_it_at_the_earliest() {
        for state in [TaskState::Intended, TaskState::Unsettled, TaskState::Running] {
            for (intended_at, wait) in [(995, 5), (990, 0), (900, 0)] {
                let mut task = task(state, None);
                task.attempts[0].intended_at = at(intended_at);
                let Stage::Settle { number, attempt, doubt, wait: left } = Stage::of(&task, &Noon) else {
                    panic!("not settled")
                };
                assert_eq!((number, attempt, left.as_secs()), (2, AttemptId(7), wait), "{state:?} {intended_at}");
                assert_eq!((doubt.intent.at, doubt.intent.written), (at(intended_at), at(995)));
                assert_eq!(doubt.error.message, "the host was ended before the answer to the trigger was stored");
            }
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
        let Stage::Settle { doubt, .. } = Stage::of(&task, &Noon) else { panic!("not settled") };
        assert_eq!(doubt.error, known);
    }

    #[test]
    fn settling_goes_on_through_failures_until_ten_calls_may_have_started_a_run() {
        let mut tried = Tried::default();
        for _ in 0..9 {
            tried = tried.and(false).and(true);
            assert!(tried.goes_on());
        }
        assert!(!tried.and(true).goes_on());
        assert!(tried.and(false).goes_on());
        assert_eq!((tried.failures, tried.starts), (18, 9));
    }
}
