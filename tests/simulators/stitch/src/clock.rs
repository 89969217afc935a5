use std::time::{Duration, Instant};

use jiff::Timestamp;

/// The simulated clock. It never goes back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The simulated time at `since`.
    base: Timestamp,
    /// Simulated seconds per real second: 0 if only a test moves it.
    speed: f64,
    since: Instant,
}

impl Clock {
    /// A clock that only [`advance`](Self::advance) moves.
    pub fn manual(start: Timestamp) -> Self {
        Self::scaled(start, 0.0)
    }

    /// A clock with `speed` simulated seconds per real second. With a negative speed or NaN it stands still.
    pub fn scaled(start: Timestamp, speed: f64) -> Self {
        Self { base: start, speed, since: Instant::now() }
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }

    /// Moves the simulated time forward.
    pub fn advance(&mut self, by: Duration) {
        self.base = later(self.base, by);
    }

    fn at(&self, instant: Instant) -> Timestamp {
        let real = instant.saturating_duration_since(self.since);
        let simulated = Duration::try_from_secs_f64(real.as_secs_f64() * self.speed).unwrap_or_default();
        later(self.base, simulated)
    }
}

/// `by` after `at`, or the end of time.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// `by` before `at`, or the beginning of time.
pub(crate) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// A time as the API writes it: RFC 3339 in UTC, to the second.
pub(crate) fn to_the_second(at: Timestamp) -> String {
    format!("{at:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let mut clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.at(clock.since + Duration::from_mins(1)).as_millisecond(), 1500);
    }

    #[test]
    fn a_scaled_clock_multiplies_real_time() {
        let clock = Clock::scaled(Timestamp::UNIX_EPOCH, 60.0);
        assert_eq!(clock.at(clock.since + Duration::from_millis(500)).as_second(), 30);
    }

    #[test]
    fn no_speed_breaks_a_clock() {
        for speed in [-1.0, f64::NAN, f64::INFINITY, f64::MAX] {
            let clock = Clock::scaled(Timestamp::UNIX_EPOCH, speed);
            assert_eq!(clock.at(clock.since + Duration::from_secs(1)), Timestamp::UNIX_EPOCH, "{speed}");
        }
    }

    #[test]
    fn times_are_written_to_the_second_and_never_rounded_up() {
        assert_eq!(to_the_second("2020-06-19T15:09:38.999Z".parse().unwrap()), "2020-06-19T15:09:38Z");
    }
}
