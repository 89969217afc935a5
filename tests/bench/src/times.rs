//! Times that are compared: in turns, so that what else the machine does falls on both alike.

use std::time::{Duration, Instant};

/// The medians of two sorts of work that were done in turns.
pub(crate) struct Pair {
    pub(crate) one: Duration,
    pub(crate) other: Duration,
}

impl Pair {
    /// Does both so many times.
    pub(crate) async fn of(
        rounds: usize,
        mut one: impl AsyncFnMut() -> anyhow::Result<()>,
        mut other: impl AsyncFnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let (mut ones, mut others) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            if round % 2 == 0 {
                ones.push(time(&mut one).await?);
                others.push(time(&mut other).await?);
            } else {
                others.push(time(&mut other).await?);
                ones.push(time(&mut one).await?);
            }
        }
        Ok(Self { one: median(ones), other: median(others) })
    }

    /// How many times as long the one takes.
    pub(crate) fn ratio(&self) -> f64 {
        self.one.as_secs_f64() / self.other.as_secs_f64()
    }

    /// The ratio with both times.
    pub(crate) fn shown(&self) -> String {
        let (ratio, Self { one, other }) = (self.ratio(), self);
        if ratio < 10.0 {
            format!("{ratio:.2} ({one:.3?} ÷ {other:.3?})")
        } else {
            format!("{ratio:.0} ({one:.3?} ÷ {other:.3?})")
        }
    }
}

async fn time(work: &mut impl AsyncFnMut() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    work().await?;
    Ok(begun.elapsed())
}

/// The middle of these times.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// An hour.
pub(crate) const HOUR: Duration = Duration::from_hours(1);
