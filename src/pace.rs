//! Pacing: the wait before the next poll, by Stitch's rate limit.

use alloc::borrow::ToOwned;

use plugin_guest::contract::RequestBudget;

/// The requests to an account's jobs resource that Stitch allows in a window.
const REQUESTS: u32 = 30;

/// The length of a window, in milliseconds.
const WINDOW_MS: u64 = 600_000;

/// The jobs resource: extractions, below them their logs, and loads. What lies below `/v4/sources` is not limited.
const JOBS: [&str; 2] = ["/v4/*/extractions", "/v4/*/loads"];

/// The longest wait of a run that is polled by itself, unless the rate limit demands a longer one.
const LONGEST_MS: u64 = 180_000;

/// The longest wait of runs that are polled together, since one request is of use to them all.
const LONGEST_SHARED_MS: u64 = 60_000;

/// The requests of a call for several runs, after which it reads no other page of extractions: a sixth of what a window allows.
///
/// Calls of so many, each after the time of the last one's, fill a window wholly: six calls of five. Of larger calls the last
/// would not fit in, such as the second of 20. So an account of `n` pages is read once in `n` times 20 s, or as often as a page
/// is shorter: a job's end is told after half of that on average, after 19 twentieths of it at the 95th percentile. For 2,000
/// sources these are 200 s and 380 s.
pub const MOST_TOGETHER: u32 = REQUESTS / 6;

/// Stitch's rate limit of an account.
pub fn budget() -> RequestBudget {
    RequestBudget { requests: REQUESTS, window_ms: WINDOW_MS, paths: JOBS.map(ToOwned::to_owned).into() }
}

/// A call's share in the rate limit.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Its requests to the jobs resource.
    pub jobs_requests: u32,
    /// Of a call for several runs, the shortest time that one of them has waited so far: all wait as this one.
    pub together_ms: Option<u64>,
}

impl Spent {
    /// A call that made none, such as a trigger.
    pub const NOTHING: Self = Self { jobs_requests: 0, together_ms: None };
}

/// The wait after a call, in milliseconds: the rate limit's time for as many requests or, for a job that has taken long, a
/// tenth of its time so far.
pub fn poll_after_ms(spent: Spent, waited_ms: u64) -> u64 {
    let allotted = WINDOW_MS / u64::from(REQUESTS) * u64::from(spent.jobs_requests.max(1));
    allotted.max(match spent.together_ms {
        Some(shortest) => (shortest / 10).min(LONGEST_SHARED_MS),
        None => (waited_ms / 10).min(LONGEST_MS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll_after_ms(jobs_requests: u32, waited_ms: u64) -> u64 {
        super::poll_after_ms(Spent { jobs_requests, together_ms: None }, waited_ms)
    }

    #[test]
    fn each_request_costs_20_seconds() {
        for (requests, wait) in [(0, 20_000), (1, 20_000), (3, 60_000), (12, 240_000)] {
            assert_eq!(poll_after_ms(requests, 0), wait);
        }
    }

    #[test]
    fn the_longer_a_job_has_run_the_longer_the_wait_up_to_minutes() {
        for (waited, wait) in [(200_000, 20_000), (600_000, 60_000), (36_000_000, 180_000), (u64::MAX, 180_000)] {
            assert_eq!(poll_after_ms(1, waited), wait);
        }
    }

    #[test]
    fn runs_that_share_their_requests_wait_as_long_as_the_one_that_has_waited_least_and_no_longer_than_a_minute() {
        for (jobs_requests, shortest, wait) in
            [(1, u64::MAX, 60_000), (4, u64::MAX, 80_000), (1, 300_000, 30_000), (2, 300_000, 40_000), (1, 0, 20_000)]
        {
            let spent = Spent { jobs_requests, together_ms: Some(shortest) };
            assert_eq!(super::poll_after_ms(spent, u64::MAX), wait);
        }
    }

    #[test]
    fn calls_for_several_runs_fill_a_window_wholly() {
        let time = poll_after_ms(MOST_TOGETHER, 0);
        assert_eq!((WINDOW_MS % time, WINDOW_MS / time * u64::from(MOST_TOGETHER)), (0, u64::from(REQUESTS)));
    }

    #[test]
    fn polling_as_asked_keeps_to_the_budget() {
        let mut waited = 0;
        let mut requests = 0;
        while waited < WINDOW_MS {
            requests += 1;
            assert!(requests <= REQUESTS, "{requests} requests");
            waited += poll_after_ms(1, waited);
        }
    }
}
