//! The store as the tasks of a pipeline write to it: from many places, off their threads, and again where a write may pass.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::Clock;
use crate::store::{Store, StoreError};

/// How long to wait before a write that failed is tried again; after the last it fails for good. A disk may be emptied and
/// another process may end in that time.
const WAITS: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(10),
    Duration::from_secs(20),
];

/// Why a pipeline goes no further. Its runs go on in their tools, and what the store holds is where to resume from.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// What happens can no longer be written down, so nothing more is done.
    #[error("the pipeline stops here because its store cannot be written: {0}; resume it once that is mended")]
    Store(#[from] StoreError),
    /// A task broke down: a fault of this program.
    #[error("the pipeline stops here because of a fault in this program: {0}")]
    Fault(String),
}

/// The store and the time.
#[derive(Debug)]
pub(crate) struct Journal<C> {
    store: Arc<Mutex<Store>>,
    pub(crate) clock: Arc<C>,
}

impl<C> Clone for Journal<C> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), clock: Arc::clone(&self.clock) }
    }
}

impl<C: Clock> Journal<C> {
    pub(crate) fn new(store: Store, clock: Arc<C>) -> Self {
        Self { store: Arc::new(Mutex::new(store)), clock }
    }

    /// The time of day, as it is written down.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.wall()).unwrap_or(Timestamp::MAX)
    }

    /// How long it is until then.
    pub(crate) fn until(&self, then: Timestamp) -> Duration {
        Duration::try_from(then.duration_since(self.now())).unwrap_or_default()
    }

    /// Makes one durable change. Once it returns, it is on the disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Store, Timestamp) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<T, Halt> {
        let change = Arc::new(change);
        let mut waits = WAITS.into_iter();
        loop {
            let (store, change, now) = (Arc::clone(&self.store), Arc::clone(&change), self.now());
            let changed = tokio::task::spawn_blocking(move || {
                let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
                change(&mut store, now)
            });
            match (changed.await, waits.next()) {
                (Ok(Ok(changed)), _) => return Ok(changed),
                (Ok(Err(error)), Some(wait)) if error.may_pass() => tokio::time::sleep(wait).await,
                (Ok(Err(error)), _) => return Err(Halt::Store(error)),
                (Err(fault), _) => return Err(Halt::Fault(fault.to_string())),
            }
        }
    }
}
