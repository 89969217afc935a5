//! Trigger records: stored before a trigger is sent, so that its age is known if it has to be settled.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::{Clock, Uptime};

/// How far the wall clock may go back without counting as set: time synchronisation does as much.
const SLACK: Duration = Duration::from_secs(2);

/// How much older a trigger may be by the wall clock than by the uptime. A machine that is stopped, as a virtual one
/// can be, does not count uptime.
const STILL: Duration = Duration::from_secs(30);

/// The record of an intended trigger, stored before the call. Whoever finds it without the call's answer can
/// [settle](crate::Plugin::settle) the trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerRecord {
    /// When it was made, by the wall clock.
    pub at: SystemTime,
    /// When it was made, by the machine's uptime, if known.
    pub uptime: Option<Uptime>,
    /// The latest wall clock time stored since: a clock that shows less was set back.
    pub written: SystemTime,
}

impl TriggerRecord {
    /// The least age of a call at which it is settled: until then its request may still be on its way.
    pub const SHOWN_AFTER: Duration = Duration::from_secs(10);

    /// The clock skew that is assumed between machines.
    pub const CLOCKS_APART: Duration = Duration::from_secs(30);

    /// The record of a call that is about to be made.
    pub fn now(clock: &impl Clock) -> Self {
        let at = clock.wall();
        Self { at, uptime: clock.uptime(), written: at }
    }

    /// The age of the call, on the machine that made the record or one with the same clock. None if unknown: the
    /// machine was stopped for a time, or was rebooted and its wall clock set back.
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

    /// The age of the call, on any machine. [`CLOCKS_APART`](Self::CLOCKS_APART) is added if another machine or another
    /// boot made the record: better to take another run for the trigger's than to start one twice. None if the clocks
    /// differ by more than that, or if [`age`](Self::age) is unknown in the same boot.
    pub fn age_anywhere(&self, clock: &impl Clock) -> Option<Duration> {
        match (&self.uptime, clock.uptime()) {
            (Some(then), Some(now)) if then.boot == now.boot => self.age(clock),
            (_, _) if since(clock.wall(), self.written) > Self::CLOCKS_APART => None,
            _ => Some(since(self.at, clock.wall()).saturating_add(Self::CLOCKS_APART)),
        }
    }
}

/// The time from `then` to `now`; zero if `then` is later.
fn since(then: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(then).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A machine: its wall clock, and its boot and uptime, in seconds.
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
