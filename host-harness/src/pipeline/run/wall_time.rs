//! The time of day as it is written to the store.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::Clock;

/// The time of day.
pub(crate) fn wall(clock: &impl Clock) -> Timestamp {
    timestamp(clock.wall())
}

/// A time of day that is to be stored.
pub(crate) fn timestamp(then: SystemTime) -> Timestamp {
    Timestamp::try_from(then).unwrap_or(Timestamp::MAX)
}

/// How long it is from then to now; nothing where that is later.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// A time of day that was stored.
pub(crate) fn system_time(then: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(then.as_millisecond()).unwrap_or_default())
}
