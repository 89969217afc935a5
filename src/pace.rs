//! Pacing: the wait before the next poll, by Stitch's rate limit.

use plugin_guest::contract::RequestBudget;

/// Stitch's rate limit of an account's jobs resource: extractions, their logs, loads.
pub const BUDGET: RequestBudget = RequestBudget { requests: 30, window_ms: 600_000 };

/// The longest wait, unless the rate limit demands a longer one.
const LONGEST_MS: u64 = 180_000;

/// The wait after a call with `jobs_requests`, in milliseconds: the rate limit's time for as many requests or, for a
/// job that has taken long, a tenth of its time so far.
pub fn poll_after_ms(jobs_requests: u32, waited_ms: u64) -> u64 {
    let allotted = BUDGET.window_ms / u64::from(BUDGET.requests) * u64::from(jobs_requests.max(1));
    allotted.max((waited_ms / 10).min(LONGEST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn polling_as_asked_keeps_to_the_budget() {
        let mut waited = 0;
        let mut requests = 0;
        while waited < BUDGET.window_ms {
            requests += 1;
            assert!(requests <= BUDGET.requests, "{requests} requests");
            waited += poll_after_ms(1, waited);
        }
    }
}
