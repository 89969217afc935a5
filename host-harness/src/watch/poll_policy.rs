//! Poll policy: interval, timeout and backoff of the polls of a run.

use std::time::Duration;

/// A poll policy: how often a run is polled, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollPolicy {
    /// The least time between two polls; a longer one that the plugin asks for is kept. Default: 1 s.
    pub interval: Duration,
    /// True if `interval` alone counts, whatever the plugin asks for. For simulators: it exceeds a real tool's rate
    /// limit.
    pub ignore_hint: bool,
    /// The timeout of the whole watch; the run goes on after it. Default: 6 h.
    pub timeout: Duration,
    /// The longest backoff after a poll that failed; it doubles with each failure. A longer wait that an error asks for
    /// is kept. Default: 5 min.
    pub longest_retry: Duration,
    /// True if a run that is no longer wanted is cancelled, where the plugin can. Otherwise it goes on.
    pub cancel: bool,
    /// The timeout for a cancelled run to end. Default: 5 min.
    pub cancel_timeout: Duration,
}

impl Default for PollPolicy {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            ignore_hint: false,
            timeout: Duration::from_hours(6),
            longest_retry: Duration::from_mins(5),
            cancel: true,
            cancel_timeout: Duration::from_mins(5),
        }
    }
}

/// The shortest backoff after a failed poll, for runs that are polled more often.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

impl PollPolicy {
    /// The wait before the next poll when the plugin asks for `hint`.
    pub fn wait(&self, hint: Duration) -> Duration {
        if self.ignore_hint { self.interval } else { self.interval.max(hint) }
    }

    /// The backoff after `failures` failures in a row, for a run that is polled every `rhythm`.
    pub fn retry(&self, rhythm: Duration, failures: u32, asked: Option<Duration>) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        let wait = rhythm.max(SHORTEST_RETRY).saturating_mul(doubled);
        // A rhythm slower than the longest backoff is kept: the tool's rate limit asks for it.
        wait.min(self.longest_retry.max(rhythm)).max(asked.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_longer_of_interval_and_hint_counts() {
        let policy = PollPolicy { interval: s(20), ..PollPolicy::default() };
        assert_eq!((policy.wait(s(5)), policy.wait(s(60))), (s(20), s(60)));
    }

    #[test]
    fn an_ignored_hint_does_not_count() {
        let policy = PollPolicy { interval: s(1), ignore_hint: true, ..PollPolicy::default() };
        assert_eq!(policy.wait(s(60)), s(1));
    }

    #[test]
    fn retries_start_at_the_usual_rhythm_and_double_up_to_the_longest() {
        let policy = PollPolicy::default();
        let waits = [1, 2, 3, 4, 5, 6, u32::MAX].map(|failures| policy.retry(s(20), failures, None));
        assert_eq!(waits, [s(20), s(40), s(80), s(160), s(300), s(300), s(300)]);
    }

    #[test]
    fn an_error_that_says_how_long_to_wait_is_believed() {
        let policy = PollPolicy::default();
        assert_eq!(policy.retry(s(20), 1, Some(s(900))), s(900));
        assert_eq!(policy.retry(s(20), 1, Some(s(1))), s(20));
    }

    #[test]
    fn a_slow_rhythm_is_never_hurried_by_a_failure() {
        assert_eq!(PollPolicy::default().retry(s(600), 9, None), s(600));
    }
}
