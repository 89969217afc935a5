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

/// Stitch's rate limit of an account.
pub fn budget() -> RequestBudget {
    RequestBudget { requests: REQUESTS, window_ms: WINDOW_MS, paths: JOBS.map(ToOwned::to_owned).into() }
}

/// A call's share in the rate limit.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Its requests to the jobs resource.
    pub jobs_requests: u32,
    /// True if they were made for several runs.
    pub is_shared: bool,
}

impl Spent {
    /// A call that made none, such as a trigger.
    pub const NOTHING: Self = Self { jobs_requests: 0, is_shared: false };
}

/// The wait after a call, in milliseconds: the rate limit's time for as many requests or, for a job that has taken long, a
/// tenth of its time so far.
pub fn poll_after_ms(spent: Spent, waited_ms: u64) -> u64 {
    let allotted = WINDOW_MS / u64::from(REQUESTS) * u64::from(spent.jobs_requests.max(1));
    allotted.max((waited_ms / 10).min(if spent.is_shared { LONGEST_SHARED_MS } else { LONGEST_MS }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll_after_ms(jobs_requests: u32, waited_ms: u64) -> u64 {
        super::poll_after_ms(Spent { jobs_requests, is_shared: false }, waited_ms)
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
    fn runs_that_share_their_requests_wait_no_longer_than_a_minute() {
        for (requests, wait) in [(1, 60_000), (4, 80_000)] {
            assert_eq!(super::poll_after_ms(Spent { jobs_requests: requests, is_shared: true }, u64::MAX), wait);
        }
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
