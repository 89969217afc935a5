use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::{Request, Tool};

/// The largest request body that is read.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// A tool served over HTTP/1.1 on the loopback address, until it is dropped.
///
/// Its time is real time, and may be [moved forward](Self::advance). It never goes back.
pub struct Simulator<T> {
    address: SocketAddr,
    shared: Arc<Mutex<Shared<T>>>,
    server: AbortHandle,
}

struct Shared<T> {
    tool: T,
    /// Its start, by the system's clock.
    base: Timestamp,
    since: Instant,
    /// The delay of answers.
    delay: Duration,
}

impl<T: Tool> Simulator<T> {
    /// Serves a tool on a port of 127.0.0.1 (0: a free one).
    pub async fn start(tool: T, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared =
            Arc::new(Mutex::new(Shared { tool, base: Timestamp::now(), since: Instant::now(), delay: Duration::ZERO }));
        let server = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { address, shared, server })
    }

    /// The base URL, such as `http://127.0.0.1:40123`: no path, no slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulator's time.
    pub fn now(&self) -> Timestamp {
        lock(&self.shared).now()
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        let mut shared = lock(&self.shared);
        shared.base = shared.base.checked_add(by).unwrap_or(Timestamp::MAX);
    }

    /// Delays each answer for this long, after the request has taken effect.
    pub fn delay_answers(&self, delay: Duration) {
        lock(&self.shared).delay = delay;
    }

    /// Reads or changes the tool, between two requests.
    pub fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        let mut shared = lock(&self.shared);
        let now = shared.now();
        shared.tool.pass(now);
        look(&mut shared.tool)
    }
}

impl<T> Drop for Simulator<T> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl<T> fmt::Debug for Simulator<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl<T> Shared<T> {
    fn now(&self) -> Timestamp {
        self.base.checked_add(self.since.elapsed()).unwrap_or(Timestamp::MAX)
    }
}

/// Ignores a poisoned lock: the test that panicked has failed already, and the others go on.
fn lock<T>(shared: &Mutex<Shared<T>>) -> MutexGuard<'_, Shared<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accepts connections and serves them, until it is dropped with them.
async fn accept<T: Tool>(listener: TcpListener, shared: Arc<Mutex<Shared<T>>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // Errors here are of the client's connection, never of the listener.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection until either side closes it.
async fn serve<T: Tool>(stream: TcpStream, shared: Arc<Mutex<Shared<T>>>) {
    // Otherwise answers on loopback wait for delayed acknowledgements.
    let _: io::Result<()> = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    // The simulator's own clock dates its answers. An error closes the connection, as it is meant to.
    let served = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service).await;
    drop(served);
}

/// Reads a request to its end and answers it. An error, such as for an answer that is to be lost, closes the connection.
async fn answer<T: Tool>(
    request: hyper::Request<Incoming>,
    shared: Arc<Mutex<Shared<T>>>,
) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MOST_BODY_BYTES).collect().await.map_err(io::Error::other)?;
    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization: authorization.to_owned(),
        body: body.to_bytes().into(),
    };
    let (now, answer, delay) = {
        let mut shared = lock(&shared);
        let now = shared.now();
        (now, shared.tool.serve(now, &request), shared.delay)
    };
    tokio::time::sleep(delay).await;
    let (status, body) = answer.ok_or(io::ErrorKind::ConnectionAborted)?;
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now).map_err(io::Error::other)?;
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json").header(DATE, date);
    let limited = [(RETRY_AFTER, "1")].into_iter().filter(|_| status == StatusCode::TOO_MANY_REQUESTS);
    let response = limited.fold(response, |response, (name, value)| response.header(name, value));
    response.body(body.to_string().into()).map_err(io::Error::other)
}
