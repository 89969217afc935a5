use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::{Answer, Budget, ClientId, Clock, Fault, RecordedRequest, Route, Service, World, server};

/// A world served over HTTP/1.1 on the loopback address, until it is dropped.
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    server: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    service: Service,
}

impl Simulator {
    /// Serves a world on a free port of 127.0.0.1. Only [`advance`](Self::advance) moves its time.
    pub async fn start(world: World) -> io::Result<Self> {
        let clock = Clock::manual(world.now());
        Self::start_with(world, clock, 0).await
    }

    /// Serves a world on a port of 127.0.0.1 (0: a free one), by this clock.
    pub async fn start_with(world: World, clock: Clock, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared { clock, service: Service::new(world) }));
        let behind = Arc::clone(&shared);
        let serve = Arc::new(move |request| {
            let mut shared = lock(&behind);
            let now = shared.clock.now();
            shared.service.serve(now, request)
        });
        let server = tokio::spawn(server::run(listener, serve)).abort_handle();
        Ok(Self { address, shared, server })
    }

    /// The base URL, such as `http://127.0.0.1:40123`: no path, no slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        lock(&self.shared).clock.now()
    }

    /// Moves the simulated time forward.
    pub fn advance(&self, by: Duration) {
        lock(&self.shared).clock.advance(by);
    }

    /// Reads or changes the world, between two requests.
    pub fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut shared = lock(&self.shared);
        let now = shared.clock.now();
        look(shared.service.world_at(now))
    }

    /// Adds a fault. If several apply to a request, the first one counts.
    pub fn fault(&self, fault: Fault) {
        lock(&self.shared).service.fault(fault);
    }

    /// Changes the world right before the `nth` request to an endpoint from now on (1: the next) is answered, such as to
    /// shift rows between the pages that one poll reads.
    pub fn before(&self, route: Route, nth: usize, change: impl FnOnce(&mut World) + Send + 'static) {
        lock(&self.shared).service.before(route, nth, change);
    }

    /// Changes every answer from now on; [`departures`](crate::departures) has some changes that are ready.
    pub fn rewrite(&self, rewrite: impl FnMut(Route, &mut Answer) + Send + 'static) {
        lock(&self.shared).service.rewrite(rewrite);
    }

    /// The last 100,000 requests, the earliest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared).service.requests().cloned().collect()
    }

    /// The number of [requests](Self::requests) to an endpoint.
    pub fn count(&self, route: Route) -> usize {
        lock(&self.shared).service.requests().filter(|request| request.route() == route).count()
    }

    /// An account's [requests](Self::requests) against its rate limit of the jobs resource.
    pub fn budget(&self, client_id: impl Into<ClientId>) -> Budget {
        lock(&self.shared).service.budget(client_id.into())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Ignores a poisoned lock: the test that panicked has failed already, and the others go on.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
