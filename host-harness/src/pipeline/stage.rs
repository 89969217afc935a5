//! Where a task stands, and where one goes on that is taken up from the store.

use std::cmp::Reverse;
use std::time::Duration;

use jiff::Timestamp;

use super::intent::{Intent, since, wall};
use crate::store::{Attempt, AttemptError, AttemptId, TaskRun, TaskState};
use crate::{Clock, Uptime};

/// The longest wait that a store is believed.
const LONGEST: Duration = Duration::from_mins(10);

/// How long after a call its tool is given to show what became of it: a request may still be on its way.
const SHOWN_AFTER: Duration = Duration::from_secs(10);

/// Where a task stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// An attempt begins after this wait.
    Start { number: u32, wait: Duration },
    /// It is to be found out, after this wait, whether an attempt's trigger started a run.
    Settle { number: u32, attempt: AttemptId, doubt: Doubt, wait: Duration },
    /// A run goes on, and is next polled after this wait.
    Watch { number: u32, attempt: AttemptId, run: String, wait: Duration },
}

/// A trigger that may have started a run.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) tried: Tried,
    /// Why it is not known, or still not.
    pub(crate) error: AttemptError,
}

/// What was done for a run that nobody knows of.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    /// The calls that may have started it: the trigger, then each since that was to settle it.
    starts: Vec<Intent>,
    /// Calls of this process that did not tell.
    pub(crate) failures: u32,
}

impl Tried {
    /// The most calls to settle a trigger that may each have started a run: a tool that fails at each for that long, some 50 minutes,
    /// is for a person to look at.
    const MOST_SETTLES: u32 = 10;

    /// After a trigger.
    pub(crate) fn triggered(intent: Intent) -> Self {
        Self { starts: vec![intent], failures: 1 }
    }

    /// What the store says of an attempt, before this process does anything.
    fn stored(attempt: &Attempt, written: Timestamp) -> Self {
        let intent = |at, uptime: &Option<Uptime>| Intent { at, uptime: uptime.clone(), written };
        let mut starts = vec![intent(attempt.intended_at, &attempt.uptime)];
        starts.extend(attempt.settles.iter().map(|settle| intent(settle.at, &settle.uptime)));
        Self { starts, failures: 0 }
    }

    /// After a call to settle it, which may have started a run where it has an intent.
    pub(crate) fn and(mut self, intent: Option<Intent>) -> Self {
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

impl Stage {
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
                let tried = Tried::stored(last, task.changed_at);
                let age = tried.ages(clock).and_then(|ages| ages.last().copied()).unwrap_or_default();
                let error = last.error.clone().unwrap_or_else(|| AttemptError {
                    kind: "outcome_unknown".to_owned(),
                    code: "no_answer".to_owned(),
                    message: "the host was ended before the answer to the trigger was stored".to_owned(),
                    raw_message: None,
                    http_status: None,
                });
                let doubt = Doubt { tried, error };
                Self::Settle { number, attempt: last.id, doubt, wait: SHOWN_AFTER.saturating_sub(age) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::intent::tests::Machine;
    use super::*;

    fn machine(wall: u64, boot: &'static str, up: u64) -> Machine {
        Machine(wall, Some((boot, up)))
    }

    fn ages(starts: &[Machine], now: &Machine) -> Option<Vec<u64>> {
        let tried = Tried { starts: starts.iter().map(Intent::now).collect(), failures: 0 };
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
        let intent = || Intent::now(&machine(1_000, "first", 50));
        let mut tried = Tried::triggered(intent()).and(None);
        for settles in 0..10 {
            assert_eq!((tried.settles(), tried.goes_on()), (settles, true));
            tried = tried.and(Some(intent()));
        }
        assert_eq!((tried.settles(), tried.goes_on(), tried.failures), (10, false, 12));
    }
}
