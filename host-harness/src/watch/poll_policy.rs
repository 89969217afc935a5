//! How patient the watch over a run is.

use std::time::Duration;

/// How often a run is polled, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollPolicy {
    /// The least time between two polls. What the plugin asks for counts where it is longer. 1 s.
    pub interval: Duration,
    /// Whether `interval` alone counts, whatever the plugin asks for: for simulators. It overspends a real tool's budget.
    pub ignore_hint: bool,
    /// How long to watch in all; the run goes on after that. 6 h.
    pub timeout: Duration,
    /// The longest wait after a poll that failed; it doubles from one failure to the next. 5 min. An error that says how
    /// long to wait is believed beyond it.
    pub longest_retry: Duration,
    /// Whether a run that is no longer wanted is cancelled, where the plugin can. Otherwise it is left to go on.
    pub cancel: bool,
    /// How long to watch a run that was cancelled until it has ended. 5 min.
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

/// The first wait after a failed poll where polls follow each other more quickly than that.
const SHORTEST_RETRY: Duration = Duration::from_secs(1);

impl PollPolicy {
    /// How long to wait for the next poll when the plugin asks for `hint`.
    pub fn wait(&self, hint: Duration) -> Duration {
        if self.ignore_hint { self.interval } else { self.interval.max(hint) }
    }

    /// How long to wait after the `failures`th failure in a row of a run that is polled every `rhythm`.
    pub fn retry(&self, rhythm: Duration, failures: u32, asked: Option<Duration>) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        let wait = rhythm.max(SHORTEST_RETRY).saturating_mul(doubled);
        // A rhythm slower than the longest wait stays: it is what the tool's budget allows.
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
