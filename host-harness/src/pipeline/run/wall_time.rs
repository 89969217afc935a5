//! The wall clock, as it is stored.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::Clock;

/// The wall clock's time.
pub(crate) fn wall(clock: &impl Clock) -> Timestamp {
    timestamp(clock.wall())
}

/// Converts a time to be stored.
pub(crate) fn timestamp(then: SystemTime) -> Timestamp {
    Timestamp::try_from(then).unwrap_or(Timestamp::MAX)
}

/// The time from `then` to `now`; zero if `then` is later.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// Converts a stored time.
pub(crate) fn system_time(then: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(then.as_millisecond()).unwrap_or_default())
}
