//! Time as the watch over a run sees it.

use std::future::Future;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// How long the machine has been up: what is written down so can be compared by another process, whatever becomes of the
/// time of day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Which start of the machine it is counted from.
    pub boot: String,
    /// The time since then, sleep included.
    pub since: Duration,
}

/// A clock that can be waited on. Tests step one of their own.
pub trait Clock: Send + Sync {
    /// The time since a fixed moment of the past; it never goes back.
    fn now(&self) -> Duration;

    /// The time of day, for what is written down. It may be set back.
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    /// How long the machine has been up, where it can tell which start of it that was.
    fn uptime(&self) -> Option<Uptime> {
        None
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

    #[cfg(target_os = "linux")]
    fn uptime(&self) -> Option<Uptime> {
        static BOOT: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
        let read = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let boot = BOOT.get_or_init(|| read().map(|boot| boot.trim().to_owned())).clone()?;
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Some(Uptime { boot, since: Duration::try_from(time).ok()? })
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
