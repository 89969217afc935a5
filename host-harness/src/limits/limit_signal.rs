//! The limit signal: tells a call that it passed a limit, for which it is ended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use crate::{Exceeded, Limit, Limits};

/// The first limit that a call passed, whichever guard saw it. All guards of one call share it.
#[derive(Clone, Debug)]
pub(crate) struct LimitSignal {
    limits: Arc<Limits>,
    noted: Arc<(OnceLock<Exceeded>, Notify)>,
    over: Arc<AtomicBool>,
}

impl LimitSignal {
    pub(crate) fn new(limits: Arc<Limits>) -> Self {
        Self { limits, noted: Arc::default(), over: Arc::default() }
    }

    /// Signals that a limit was passed: the call is ended as soon as it yields. Only the first signal counts.
    pub(crate) fn note(&self, limit: Limit) -> Exceeded {
        self.pass(self.limits.exceeded(limit))
    }

    /// As [`note`](Self::note), of a limit that has another value in this call.
    pub(crate) fn pass(&self, exceeded: Exceeded) -> Exceeded {
        let (first, told) = &*self.noted;
        let exceeded = *first.get_or_init(|| exceeded);
        told.notify_one();
        exceeded
    }

    /// The limit that was signalled, if any.
    pub(crate) fn noted(&self) -> Option<Exceeded> {
        self.noted.0.get().copied()
    }

    /// Marks the call as over, however it ended: bodies that are not whole by now never will be.
    pub(crate) fn close(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// True once the call is over.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Waits for the signal.
    pub(crate) async fn wait(&self) -> Exceeded {
        loop {
            if let Some(exceeded) = self.noted() {
                return exceeded;
            }
            self.noted.1.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_limit_passed_is_the_one_that_counts() {
        let limit_signal = LimitSignal::new(Arc::default());
        assert_eq!(limit_signal.noted(), None);
        limit_signal.note(Limit::Memory);
        limit_signal.note(Limit::Handles);
        assert_eq!(limit_signal.wait().await.limit, Limit::Memory);
    }

    #[tokio::test]
    async fn who_waits_is_told() {
        let limit_signal = LimitSignal::new(Arc::default());
        let noting = limit_signal.clone();
        tokio::spawn(async move { noting.note(Limit::Requests) });
        assert_eq!(limit_signal.wait().await.limit, Limit::Requests);
    }
}
