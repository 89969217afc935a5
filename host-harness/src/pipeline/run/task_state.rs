//! Where a task stands, and where one goes on that is taken up from the store.

use std::cmp::Reverse;
use std::time::Duration;

use jiff::Timestamp;

use crate::pipeline::run::wall_time::{since, system_time, wall};
use crate::store::{Attempt, AttemptError, AttemptId, TaskRun, TaskState};
use crate::watch::trigger_record::TriggerRecord;
use crate::{Clock, Uptime};

/// The longest wait that a store is believed.
const LONGEST: Duration = Duration::from_mins(10);

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
    pub(crate) tried: SettleAttempts,
    /// Why it is not known, or still not.
    pub(crate) error: AttemptError,
}

/// What was done for a run that nobody knows of.
#[derive(Clone, Debug)]
pub(crate) struct SettleAttempts {
    /// The calls that may have started it: the trigger, then each since that was to settle it.
    starts: Vec<TriggerRecord>,
    /// Calls of this process that did not tell.
    pub(crate) failures: u32,
}

impl SettleAttempts {
    /// The most calls to settle a trigger that may each have started a run: a tool that fails at each for that long, some 50 minutes,
    /// is for a person to look at.
    const MOST_SETTLES: u32 = 10;

    /// After a trigger.
    pub(crate) fn triggered(intent: TriggerRecord) -> Self {
        Self { starts: vec![intent], failures: 1 }
    }

    /// What the store says of an attempt, before this process does anything.
    fn stored(attempt: &Attempt, written: Timestamp) -> Self {
        let record = |at, uptime: &Option<Uptime>| TriggerRecord {
            at: system_time(at),
            uptime: uptime.clone(),
            written: system_time(written),
        };
        let mut starts = vec![record(attempt.intended_at, &attempt.uptime)];
        starts.extend(attempt.settles.iter().map(|settle| record(settle.at, &settle.uptime)));
        Self { starts, failures: 0 }
    }

    /// After a call to settle it, which may have started a run where it has an intent.
    pub(crate) fn and(mut self, intent: Option<TriggerRecord>) -> Self {
        self.starts.extend(intent);
        Self { failures: self.failures + 1, ..self }
    }

    /// How many calls to settle it may have started a run, too.
    pub(crate) fn settles(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// Whether another is to be made.
    pub(crate) fn goes_on(&self) -> bool {
        self.settles() < Self::MOST_SETTLES
    }

    /// How long ago each call was that may have started it, the oldest first. None where nobody can tell.
    pub(crate) fn ages(&self, clock: &impl Clock) -> Option<Vec<Duration>> {
        let mut ages: Vec<_> = self.starts.iter().map(|intent| intent.age(clock)).collect::<Option<_>>()?;
        // What is measured by two clocks need not be in order.
        ages.sort_unstable_by_key(|age| Reverse(*age));
        Some(ages)
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
                let tried = SettleAttempts::stored(last, task.changed_at);
                let age = tried.ages(clock).and_then(|ages| ages.last().copied()).unwrap_or_default();
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
    use crate::watch::trigger_record::tests::Machine;

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
                let [trigger] = &doubt.tried.starts[..] else { panic!("not one start") };
                assert_eq!((trigger.at, trigger.written), (system_time(at(intended_at)), system_time(at(995))));
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
        let TaskStage::Settle { doubt, .. } = TaskStage::of(&task, &Noon) else { panic!("not settled") };
        assert_eq!(doubt.error, known);
    }

    fn machine(wall: u64, boot: &'static str, up: u64) -> Machine {
        Machine(wall, Some((boot, up)))
    }

    fn ages(starts: &[Machine], now: &Machine) -> Option<Vec<u64>> {
        let tried = SettleAttempts { starts: starts.iter().map(TriggerRecord::now).collect(), failures: 0 };
        tried.ages(now).map(|ages| ages.into_iter().map(|age| age.as_secs()).collect())
    }

    #[test]
    fn every_call_has_its_own_age_by_whichever_clock_and_the_oldest_comes_first() {
        // The time of day was set back by five seconds since the machine was started anew.
        let calls = [machine(1_000, "first", 50), machine(1_100, "second", 10)];
        assert_eq!(ages(&calls, &machine(1_195, "second", 110)), Some(vec![195, 100]));
        let calls = [machine(1_099, "first", 50), machine(1_100, "second", 10)];
        assert_eq!(ages(&calls, &machine(1_195, "second", 110)), Some(vec![100, 96]));
    }

    #[test]
    fn where_one_age_is_not_known_none_is() {
        let calls = [machine(1_000, "first", 50), machine(1_100, "first", 150)];
        assert_eq!(ages(&calls, &machine(1_200, "first", 250)), Some(vec![200, 100]));
        assert_eq!(ages(&calls, &machine(1_200, "first", 149)), None);
    }

    #[test]
    fn after_ten_calls_to_settle_that_may_have_started_a_run_there_is_no_other() {
        let intent = || TriggerRecord::now(&machine(1_000, "first", 50));
        let mut tried = SettleAttempts::triggered(intent()).and(None);
        for settles in 0..10 {
            assert_eq!((tried.settles(), tried.goes_on()), (settles, true));
            tried = tried.and(Some(intent()));
        }
        assert_eq!((tried.settles(), tried.goes_on(), tried.failures), (10, false, 12));
    }
}
