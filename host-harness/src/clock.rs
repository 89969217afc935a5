//! Time as the watch over a run sees it.

use std::future::Future;
use std::time::{Duration, Instant, SystemTime};

/// A clock that can be waited on. Tests step one of their own.
pub trait Clock: Send + Sync {
    /// The time since a fixed moment of the past; it never goes back.
    fn now(&self) -> Duration;

    /// The time of day, for what is written down. It may be set back.
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Returns when this much time has passed.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Starts at zero.
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
