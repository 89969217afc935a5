//! The request quota of a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::contract::RequestBudget;
use crate::{Exceeded, Limit, LimitValue, Limits};

/// A call's share of an account's request budget.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub(crate) budget: Arc<RequestBudget>,
    /// The most requests of the call that count against the budget.
    pub(crate) requests: usize,
}

/// Counts the requests of one call, and those of them under way.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    /// None: the call has no budget to keep to.
    share: Option<Share>,
    begun: usize,
    /// Those that count against the budget.
    spent: usize,
    under_way: Arc<AtomicUsize>,
}

/// A request under way, until dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl Quota {
    pub(crate) fn new(share: Option<Share>) -> Self {
        Self { share, ..Self::default() }
    }

    /// Counts one more request, or returns the limit that it would pass.
    pub(super) fn begin(&mut self, path: &str, limits: &Limits) -> Result<UnderWay, Exceeded> {
        if self.begun >= limits.requests {
            return Err(limits.exceeded(Limit::Requests));
        }
        if self.under_way.load(Ordering::Relaxed) >= limits.concurrent_requests {
            return Err(limits.exceeded(Limit::ConcurrentRequests));
        }
        if let Some(share) = self.share.as_ref().filter(|share| share.budget.counts(path)) {
            if self.spent >= share.requests {
                return Err(Exceeded { limit: Limit::Requests, value: LimitValue::Count(share.requests) });
            }
            self.spent += 1;
        }
        self.begun += 1;
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Ok(UnderWay(Arc::clone(&self.under_way)))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_whether_they_have_ended_or_not() {
        let limits = Limits { requests: 3, concurrent_requests: 2, ..Limits::default() };
        let mut quota = Quota::default();
        let first = quota.begin("/", &limits).unwrap();
        let _second = quota.begin("/", &limits).unwrap();
        assert_eq!(quota.begin("/", &limits).unwrap_err().limit, Limit::ConcurrentRequests);
        drop(first);
        drop(quota.begin("/", &limits).unwrap());
        assert_eq!(quota.begin("/", &limits).unwrap_err(), limits.exceeded(Limit::Requests));
    }

    #[test]
    fn a_share_of_a_budget_is_spent_by_the_requests_that_count_alone() {
        let budget = RequestBudget { requests: 30, window_ms: 1, paths: vec!["/loads".to_owned()] };
        let mut quota = Quota::new(Some(Share { budget: Arc::new(budget), requests: 2 }));
        let limits = Limits { requests: 6, ..Limits::default() };
        for path in ["/loads", "/sources", "/loads", "/sources", "/sources"] {
            quota.begin(path, &limits).unwrap();
        }
        let exceeded = quota.begin("/loads", &limits).unwrap_err();
        assert_eq!(exceeded.to_string(), "the limit requests of 2");
        quota.begin("/sources", &limits).unwrap();
        assert_eq!(quota.begin("/sources", &limits).unwrap_err().to_string(), "the limit requests of 6");
    }
}
