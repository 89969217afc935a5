//! The calls that may have started one run, and their ages.

use std::cmp::Reverse;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Clock, TriggerRecord};

/// The calls that may have started a run of unknown outcome: the trigger, then each later `settle` whose answer was
/// lost or of which [`Call::may_have_started`](crate::Call::may_have_started) is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Starts(Vec<TriggerRecord>);

impl Starts {
    /// The most `settle` calls that may each have started a run. A tool that fails at all of them, for some 50 minutes,
    /// is left to a person.
    pub const MOST_SETTLES: u32 = 10;

    /// A trigger alone.
    pub fn triggered(record: TriggerRecord) -> Self {
        Self(vec![record])
    }

    /// Adds a `settle` call.
    pub fn settled(&mut self, record: TriggerRecord) {
        self.0.push(record);
    }

    /// Takes the last call back, which is known to have started nothing. None if it was the trigger: nothing is left to settle.
    #[must_use]
    pub fn taken_back(mut self) -> Option<Self> {
        self.0.pop();
        (!self.0.is_empty()).then_some(self)
    }

    /// The number of `settle` calls.
    pub fn settles(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// True if another `settle` call may be made.
    pub fn may_settle(&self) -> bool {
        self.settles() < Self::MOST_SETTLES
    }

    /// The age of each call, oldest first, as [`Plugin::settle`](crate::Plugin::settle) takes them. None if one is
    /// unknown: see [`TriggerRecord::age`].
    pub fn ages(&self, clock: &impl Clock) -> Option<Vec<Duration>> {
        self.sorted(|record| record.age(clock))
    }

    /// The ages on any machine: see [`TriggerRecord::age_anywhere`].
    pub fn ages_anywhere(&self, clock: &impl Clock) -> Option<Vec<Duration>> {
        self.sorted(|record| record.age_anywhere(clock))
    }

    fn sorted(&self, age: impl Fn(&TriggerRecord) -> Option<Duration>) -> Option<Vec<Duration>> {
        let mut ages: Vec<_> = self.0.iter().map(age).collect::<Option<_>>()?;
        // Ages by two clocks need not be in order.
        ages.sort_unstable_by_key(|age| Reverse(*age));
        Some(ages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::trigger_record::tests::Machine;

    fn machine(wall: u64, boot: &'static str, up: u64) -> Machine {
        Machine(wall, Some((boot, up)))
    }

    fn ages(starts: &[Machine], now: &Machine) -> Option<Vec<u64>> {
        let starts = Starts(starts.iter().map(TriggerRecord::now).collect());
        starts.ages(now).map(|ages| ages.into_iter().map(|age| age.as_secs()).collect())
    }

    #[test]
    fn every_call_has_its_own_age_by_whichever_clock_and_the_oldest_comes_first() {
        // The wall clock was set back by five seconds since the reboot.
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
    fn a_call_that_started_nothing_is_taken_back_and_the_trigger_is_the_last() {
        let record = |up| TriggerRecord::now(&machine(1_000, "first", up));
        let mut starts = Starts::triggered(record(50));
        starts.settled(record(60));
        let starts = starts.taken_back();
        assert_eq!(starts, Some(Starts::triggered(record(50))));
        assert_eq!(starts.and_then(Starts::taken_back), None);
    }

    #[test]
    fn after_ten_calls_to_settle_that_may_have_started_a_run_there_is_no_other() {
        let record = || TriggerRecord::now(&machine(1_000, "first", 50));
        let mut starts = Starts::triggered(record());
        for settles in 0..10 {
            assert_eq!((starts.settles(), starts.may_settle()), (settles, true));
            starts.settled(record());
        }
        assert_eq!((starts.settles(), starts.may_settle()), (10, false));
    }
}
