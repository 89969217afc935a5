//! When a trigger was about to be sent, and how long ago that was.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Clock, Uptime};

/// How far back the time of day may be set without being noticed as such: what keeping it right does.
const SLACK: Duration = Duration::from_secs(2);

/// How much longer by the time of day than by the machine's uptime a trigger may lie back. A machine that stood still in
/// between, as a virtual one can, counts no uptime.
const STILL: Duration = Duration::from_secs(30);

/// The moment before a trigger.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) at: Timestamp,
    pub(crate) uptime: Option<Uptime>,
    /// The latest time that was written down since.
    pub(crate) written: Timestamp,
}

impl Intent {
    /// A trigger that is about to be sent.
    pub(crate) fn now(clock: &impl Clock) -> Self {
        let at = wall(clock);
        Self { at, uptime: clock.uptime(), written: at }
    }

    /// How long ago it was. None where nobody can tell: the machine stood still, or was started anew and its time of day set
    /// back.
    pub(crate) fn age(&self, clock: &impl Clock) -> Option<Duration> {
        let now = wall(clock);
        let by_day = since(self.at, now);
        match (&self.uptime, clock.uptime()) {
            (Some(then), Some(now)) if then.boot == now.boot => {
                let age = now.since.checked_sub(then.since)?;
                (by_day <= age.saturating_add(STILL)).then_some(age)
            }
            _ => (since(now, self.written) <= SLACK).then_some(by_day),
        }
    }
}

/// The time of day, as it is written down.
pub(crate) fn wall(clock: &impl Clock) -> Timestamp {
    Timestamp::try_from(clock.wall()).unwrap_or(Timestamp::MAX)
}

/// How long it is from then to now; nothing where that is later.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::SystemTime;

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

    fn age(then: &Machine, written: i64, now: &Machine) -> Option<u64> {
        let intent = Intent { written: Timestamp::from_second(written).unwrap(), ..Intent::now(then) };
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
}
