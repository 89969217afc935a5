//! The journal: durable writes to the store by the tasks of a pipeline, off their threads and with retries.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::pipeline::run::event::What;
use crate::pipeline::run::wall_time::{since, wall};
use crate::store::{RunLock, Store, StoreError};
use crate::{Clock, spans};

/// The waits before the retries of a failed write; after the last it fails for good. Meanwhile a disk may be emptied,
/// or another process may end.
const WAITS: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
    Duration::from_secs(20),
];

/// The reason why a pipeline stops. Its runs go on in their tools, and it can be resumed from the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunnerError {
    /// The store can no longer be written, so nothing more is done.
    #[error("the pipeline stops here because its store cannot be written: {0}; fix that, then resume the run")]
    Store(#[source] StoreError),
    /// Another process has taken the run over, and resumes it from the store.
    #[error("the pipeline stops here because another process has taken its run over and goes on with it")]
    TakenOver,
    /// A fault of this program, such as a panic in a task.
    #[error("the pipeline stops here because of a fault in this program: {0}")]
    Fault(String),
}

impl From<StoreError> for RunnerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TakenOver => Self::TakenOver,
            error => Self::Store(error),
        }
    }
}

/// The journal: the store, and the clock that dates its changes.
#[derive(Debug)]
pub(crate) struct Journal<C> {
    held: Arc<Held>,
    pub(crate) clock: Arc<C>,
}

/// A store and the lock of the run that it writes, if any. The lock is held until the last change has ended.
#[derive(Debug)]
struct Held {
    store: Mutex<Store>,
    _lock: Option<RunLock>,
}

impl<C> Clone for Journal<C> {
    fn clone(&self) -> Self {
        Self { held: Arc::clone(&self.held), clock: Arc::clone(&self.clock) }
    }
}

impl<C: Clock> Journal<C> {
    pub(crate) fn new(store: Store, lock: Option<RunLock>, clock: Arc<C>) -> Self {
        Self { held: Arc::new(Held { store: Mutex::new(store), _lock: lock }), clock }
    }

    /// The wall clock, as it is stored.
    pub(crate) fn now(&self) -> Timestamp {
        wall(&*self.clock)
    }

    /// The time until then.
    pub(crate) fn until(&self, then: Timestamp) -> Duration {
        since(self.now(), then)
    }

    /// Makes one durable change: once this returns, it is on the disk. A failure that may pass is reported, and
    /// retried.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Store, Timestamp) -> Result<T, StoreError> + Send + Sync + 'static,
        observe: &impl Fn(What<'_>),
    ) -> Result<T, RunnerError> {
        let change = Arc::new(change);
        let mut waits = WAITS.into_iter();
        loop {
            let (held, change, now) = (Arc::clone(&self.held), Arc::clone(&change), self.now());
            let changed = tokio::task::spawn_blocking(spans::carried(move || {
                let mut store = held.store.lock().unwrap_or_else(PoisonError::into_inner);
                change(&mut store, now)
            }));
            match (changed.await, waits.next()) {
                (Ok(Ok(changed)), _) => return Ok(changed),
                (Ok(Err(error)), Some(wait)) if error.may_pass() => {
                    observe(What::Stalled { error: &error, wait });
                    tokio::time::sleep(wait).await;
                }
                (Ok(Err(error)), _) => return Err(error.into()),
                (Err(fault), _) => return Err(RunnerError::Fault(fault.to_string())),
            }
        }
    }
}
