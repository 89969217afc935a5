use std::time::Duration;

use jiff::Timestamp;

/// The rate limit of an account's jobs resource (extractions, logs, loads), and the requests against it.
///
/// Stitch allows 30 of them in 10 minutes; the status of an exceeded limit is not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The number of all requests.
    pub requests: usize,
    /// The most within any 10 minutes.
    pub most_in_window: usize,
}

impl Budget {
    /// The most requests that Stitch allows in a window.
    pub const LIMIT: usize = 30;
    /// The length of a window.
    pub const WINDOW: Duration = Duration::from_mins(10);

    /// Counts requests made at these times, the earliest first.
    pub fn of(times: &[Timestamp]) -> Self {
        let mut oldest = 0;
        let mut most_in_window = 0;
        for (newest, time) in times.iter().enumerate() {
            while time.duration_since(times[oldest]).unsigned_abs() >= Self::WINDOW {
                oldest += 1;
            }
            most_in_window = most_in_window.max(newest + 1 - oldest);
        }
        Self { requests: times.len(), most_in_window }
    }

    /// True if a window exceeded the limit.
    pub fn is_exceeded(&self) -> bool {
        self.most_in_window > Self::LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(seconds: i64, count: i64) -> Budget {
        let times: Vec<_> = (0..count).map(|n| Timestamp::from_second(n * seconds).unwrap()).collect();
        Budget::of(&times)
    }

    #[test]
    fn a_request_every_20_seconds_is_just_within_the_budget() {
        assert_eq!(every(20, 1000), Budget { requests: 1000, most_in_window: 30 });
        assert!(!every(20, 1000).is_exceeded());
        assert!(every(19, 1000).is_exceeded());
    }

    #[test]
    fn no_request_costs_nothing() {
        assert_eq!(every(1, 0), Budget { requests: 0, most_in_window: 0 });
    }
}
