//! Clocks of a watch: monotonic, wall clock and uptime.

use std::future::Future;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

/// The machine's uptime. Another process can compare it with its own, even if the wall clock was set in between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// The boot that it is counted from, by its id.
    pub boot: String,
    /// The time since that boot, including suspend.
    pub since: Duration,
}

/// A clock that can be waited on. Tests bring their own.
pub trait Clock: Send + Sync {
    /// The monotonic time: since a fixed moment in the past.
    fn now(&self) -> Duration;

    /// The wall clock, for what is stored. It may be set back.
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    /// The uptime. None if the system does not identify its boots.
    fn uptime(&self) -> Option<Uptime> {
        None
    }

    /// Returns when this much time has passed.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The system's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock whose monotonic time starts at zero.
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
