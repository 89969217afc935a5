//! The record of a trigger that is about to be sent, and its age once it has to be settled.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::{Clock, Uptime};

/// How far back the time of day may be set without being noticed as such: what keeping it right does.
const SLACK: Duration = Duration::from_secs(2);

/// How much longer by the time of day than by the machine's uptime a trigger may lie back. A machine that stood still in
/// between, as a virtual one can, counts no uptime.
const STILL: Duration = Duration::from_secs(30);

/// The record of an intended trigger: made and stored before the call, so that whoever finds it without the call's answer
/// can [settle](crate::Plugin::settle) it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerRecord {
    /// The time of day.
    pub at: SystemTime,
    /// The machine's uptime, where it has a clock that nobody sets.
    pub uptime: Option<Uptime>,
    /// The latest time of day that was written down since: a clock that shows less was set back.
    pub written: SystemTime,
}

impl TriggerRecord {
    /// How long after a call its tool is given to show what became of it, before that is settled: a request may still be on its way.
    pub const SHOWN_AFTER: Duration = Duration::from_secs(10);

    /// How far apart the clocks of machines are taken to be.
    pub const CLOCKS_APART: Duration = Duration::from_secs(30);

    /// The record of a call that is about to be made.
    pub fn now(clock: &impl Clock) -> Self {
        let at = clock.wall();
        Self { at, uptime: clock.uptime(), written: at }
    }

    /// How long ago it was, on the machine that wrote it or one with the same clock. None where nobody can tell: the machine
    /// stood still, or was started anew and its time of day set back.
    pub fn age(&self, clock: &impl Clock) -> Option<Duration> {
        let now = clock.wall();
        let by_day = since(self.at, now);
        match (&self.uptime, clock.uptime()) {
            (Some(then), Some(now)) if then.boot == now.boot => {
                let age = now.since.checked_sub(then.since)?;
                (by_day <= age.saturating_add(STILL)).then_some(age)
            }
            _ => (since(now, self.written) <= SLACK).then_some(by_day),
        }
    }

    /// How long ago it was, on any machine. Where another one wrote it, or another start of this one, the age is
    /// [`CLOCKS_APART`](Self::CLOCKS_APART) longer: a run is rather taken for the trigger's than started twice. None where the
    /// clocks differ by more than that, or by what [`age`](Self::age) cannot tell either.
    pub fn age_anywhere(&self, clock: &impl Clock) -> Option<Duration> {
        match (&self.uptime, clock.uptime()) {
            (Some(then), Some(now)) if then.boot == now.boot => self.age(clock),
            (_, _) if since(clock.wall(), self.written) > Self::CLOCKS_APART => None,
            _ => Some(since(self.at, clock.wall()).saturating_add(Self::CLOCKS_APART)),
        }
    }
}

/// How long it is from then to now; nothing where that is later.
fn since(then: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(then).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A machine: the second of its day, and of which start and how long it is up.
    pub(crate) struct Machine(pub(crate) u64, pub(crate) Option<(&'static str, u64)>);

    impl Clock for Machine {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(self.0)
        }

        fn uptime(&self) -> Option<Uptime> {
            let (boot, since) = self.1?;
            Some(Uptime { boot: boot.to_owned(), since: Duration::from_secs(since) })
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn age(then: &Machine, written: u64, now: &Machine) -> Option<u64> {
        let intent = TriggerRecord {
            written: SystemTime::UNIX_EPOCH + Duration::from_secs(written),
            ..TriggerRecord::now(then)
        };
        intent.age(now).map(|age| age.as_secs())
    }

    #[test]
    fn while_the_machine_is_up_no_clock_set_back_changes_an_age() {
        let then = Machine(10_000, Some(("first", 50)));
        for wall in [9_000, 10_000, 17_200, 17_230] {
            assert_eq!(age(&then, 10_001, &Machine(wall, Some(("first", 7_250)))), Some(7_200));
        }
    }

    #[test]
    fn of_a_machine_that_stood_still_or_went_back_nobody_can_tell() {
        let then = Machine(10_000, Some(("first", 50)));
        assert_eq!(age(&then, 10_001, &Machine(17_231, Some(("first", 7_250)))), None);
        assert_eq!(age(&then, 10_001, &Machine(10_005, Some(("first", 49)))), None);
    }

    #[test]
    fn after_a_restart_the_time_of_day_tells_unless_it_was_set_back() {
        for (then, uptime) in [(Some(("first", 50)), Some(("second", 9))), (None, None)] {
            let then = Machine(10_000, then);
            assert_eq!(age(&then, 10_001, &Machine(10_100, uptime)), Some(100));
            assert_eq!(age(&then, 10_001, &Machine(9_999, uptime)), Some(0));
            assert_eq!(age(&then, 10_001, &Machine(9_998, uptime)), None);
        }
    }

    #[test]
    fn on_another_machine_an_age_allows_for_clocks_that_differ() {
        let then = Machine(10_000, Some(("first", 50)));
        let record = TriggerRecord::now(&then);
        let age = |now: Machine| record.age_anywhere(&now).map(|age| age.as_secs());
        assert_eq!(age(Machine(10_100, Some(("first", 150)))), Some(100));
        assert_eq!(age(Machine(10_100, Some(("other", 9)))), Some(130));
        assert_eq!(age(Machine(9_971, None)), Some(30));
        assert_eq!(age(Machine(9_969, None)), None);
    }

    #[test]
    fn a_record_is_stored_and_read_again() {
        let record = TriggerRecord::now(&Machine(10_000, Some(("first", 50))));
        let stored = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<TriggerRecord>(&stored).unwrap(), record);
    }
}
