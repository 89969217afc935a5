//! The request quota of a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::Limit;
use crate::Limits;

/// Counts the requests of one call, and those of them under way.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    begun: usize,
    under_way: Arc<AtomicUsize>,
}

/// A request under way, until dropped.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl Quota {
    /// Counts one more request, or returns the limit that it would pass.
    pub(super) fn begin(&mut self, limits: &Limits) -> Result<UnderWay, Limit> {
        if self.begun >= limits.requests {
            return Err(Limit::Requests);
        }
        if self.under_way.load(Ordering::Relaxed) >= limits.concurrent_requests {
            return Err(Limit::ConcurrentRequests);
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
        let first = quota.begin(&limits).unwrap();
        let _second = quota.begin(&limits).unwrap();
        assert_eq!(quota.begin(&limits).unwrap_err(), Limit::ConcurrentRequests);
        drop(first);
        drop(quota.begin(&limits).unwrap());
        assert_eq!(quota.begin(&limits).unwrap_err(), Limit::Requests);
    }
}
