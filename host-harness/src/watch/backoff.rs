//! Backoff: exponential, with jitter.

use std::time::Duration;

/// The first wait, without jitter.
const FIRST: Duration = Duration::from_secs(10);

/// The longest wait, unless the tool asks for a longer one.
const LONGEST: Duration = Duration::from_mins(10);

/// The backoff before another attempt to start a run, after `failures` failures in a row. Doubles each time; jitter
/// takes off up to half, so that tasks that failed together do not retry together. A longer wait that a tool `asked`
/// for is kept.
pub fn start_backoff(failures: u32, asked: Option<Duration>) -> Duration {
    backoff(failures, asked, chance())
}

fn backoff(failures: u32, asked: Option<Duration>, chance: u32) -> Duration {
    let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
    let wait = FIRST.saturating_mul(doubled).min(LONGEST);
    let less = wait / 2 * (chance % 1000) / 1000;
    wait.saturating_sub(less).max(asked.unwrap_or_default())
}

/// The wait with up to a quarter of it added as jitter, so that polls that failed together do not retry together.
pub(crate) fn spread(wait: Duration, chance: u32) -> Duration {
    wait.saturating_add(wait / 4 * (chance % 1000) / 1000)
}

/// A random number for jitter; 0 if the system has none.
pub(crate) fn chance() -> u32 {
    getrandom::u32().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits = [1, 2, 3, 7, u32::MAX].map(|failures| backoff(failures, None, 0).as_secs());
        assert_eq!(waits, [10, 20, 40, 600, 600]);
    }

    #[test]
    fn chance_takes_off_up_to_half() {
        assert_eq!(backoff(1, None, 500), Duration::from_millis(7500));
        assert_eq!(backoff(1, None, u32::MAX), backoff(1, None, u32::MAX % 1000));
        assert!((0..1000).all(|chance| backoff(1, None, chance) > Duration::from_secs(5)));
    }

    #[test]
    fn polls_that_failed_together_come_back_apart_and_none_too_early() {
        let waits = [0, 500, 999].map(|chance| spread(Duration::from_secs(8), chance).as_millis());
        assert_eq!(waits, [8_000, 9_000, 9_998]);
    }

    #[test]
    fn chance_says_something_else_each_time() {
        let first = chance();
        assert!((0..10).any(|_| chance() != first));
    }

    #[test]
    fn what_a_tool_asked_for_is_believed() {
        assert_eq!(backoff(1, Some(Duration::from_hours(1)), 0), Duration::from_hours(1));
    }
}
