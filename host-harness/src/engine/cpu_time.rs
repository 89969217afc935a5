//! The processor time limit.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Runs the work within a limit of processor time. None: it took more and was dropped.
///
/// The work must yield now and then, since its time is checked only then: a plugin does at every tick of the engine's
/// epoch. Waiting costs nothing, nor do other threads.
pub(crate) async fn metered<T>(work: impl Future<Output = T>, limit: Duration) -> Option<T> {
    let mut work = pin!(work);
    let mut used = Duration::ZERO;
    poll_fn(|context| {
        let before = thread_time();
        let polled = work.as_mut().poll(context);
        used += thread_time().saturating_sub(before);
        match polled {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if used > limit => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// The processor time of this thread so far.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn work_without_end_is_given_up() {
        let spin = async {
            loop {
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_millis(1) {}
                tokio::task::yield_now().await;
            }
        };
        assert_eq!(metered(spin, Duration::from_millis(20)).await, None::<()>);
    }

    #[tokio::test]
    async fn waiting_costs_nothing() {
        let wait = tokio::time::sleep(Duration::from_millis(50));
        assert_eq!(metered(wait, Duration::from_millis(20)).await, Some(()));
    }
}
