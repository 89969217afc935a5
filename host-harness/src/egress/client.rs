//! The HTTP client: sends a request and waits for the head of its response.

use std::pin::pin;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::RootCertStore;
use tokio::time::{timeout, timeout_at};
use wasmtime_wasi_http::{Error, WasiBody};

use super::connector::Connector;
use super::resolver::{Directory, Refused, Resolver};
use super::{TlsError, error_code, tls};
use crate::Limits;
use crate::egress::policy::grant::AddressScope;
use crate::egress::response_body::ResponseBody;
use crate::egress::timeouts::Timeouts;

/// The keep-alive time of an idle connection: less than the 60 s after which many servers close it.
const KEEP_ALIVE: Duration = Duration::from_secs(50);

/// The smallest read buffer that HTTP/1.1 works with, in bytes.
const SMALLEST_BUFFER: usize = 8 << 10;

/// The most headers of a response: more than fit into the default of `response_headers`, so that their size decides.
const MOST_HEADERS: usize = 12_000;

/// An HTTP/1.1 client without redirects and proxies. Cheap to clone; the clones share their connections.
#[derive(Clone)]
pub(crate) struct Client {
    public: Pools,
    /// A pool of its own: no request without the right may use a connection to an internal address.
    internal: Pools,
    response_headers: usize,
    response_body: usize,
}

#[derive(Clone)]
struct Pools {
    /// For safe methods, which may be repeated (RFC 9110, section 9.2.2): connections are kept and reused.
    pooled: Legacy<Connector, WasiBody>,
    /// For all others, which may take effect: a new connection for each request, never one that the peer was about to
    /// close. The request is on the wire at most once, since only requests on reused connections are ever repeated.
    single: Legacy<Connector, WasiBody>,
}

/// A request that got no response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoResponse {
    /// An address behind the name is not allowed: nothing was sent.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No connection came about, for this reason: nothing was sent.
    #[error("{reason}")]
    Unreached { code: Error, reason: String },
    /// Connected, so something may have been sent. No response came, or none that can be read, for this reason.
    #[error("{reason}")]
    Lost { code: Error, reason: String },
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The error code that the plugin gets.
impl From<NoResponse> for Error {
    fn from(no_response: NoResponse) -> Self {
        match no_response {
            NoResponse::Refused(_) => Self::HttpRequestDenied,
            NoResponse::Unreached { code, .. } => error_code::proven(code),
            NoResponse::Lost { code: error, .. } | NoResponse::Failed(error) => error,
        }
    }
}

impl Pools {
    fn new(connector: Connector, limits: &Limits) -> Self {
        let mut builder = Legacy::builder(TokioExecutor::new());
        // Bounds the buffer; somewhat more than the limit may pass.
        builder.http1_allow_obsolete_multiline_headers_in_responses(true);
        builder.http1_max_buf_size(limits.response_headers.0.max(SMALLEST_BUFFER)).http1_max_headers(MOST_HEADERS);
        let pooled =
            builder.clone().pool_timer(TokioTimer::new()).pool_idle_timeout(KEEP_ALIVE).build(connector.clone());
        let single = builder.clone().pool_max_idle_per_host(0).build(connector);
        Self { pooled, single }
    }
}

impl Client {
    pub(crate) fn new(limits: &Limits, roots: RootCertStore) -> Result<Self, TlsError> {
        Self::with(limits, roots, &Directory::system())
    }

    pub(super) fn with(limits: &Limits, roots: RootCertStore, directory: &Directory) -> Result<Self, TlsError> {
        let tls = tls::config(roots)?;
        let pools = |reach| {
            let resolver = Resolver::new(directory.clone(), reach);
            Pools::new(Connector::new(tls.clone(), limits, resolver), limits)
        };
        Ok(Self {
            public: pools(AddressScope::Public),
            internal: pools(AddressScope::Internal),
            response_headers: limits.response_headers.0,
            response_body: limits.response_body.0,
        })
    }

    /// Sends the request. Every wait in it is bounded; the wait for the body is bounded in the body.
    pub(crate) async fn send(
        &self,
        request: Request<WasiBody>,
        reach: AddressScope,
        times: Timeouts,
    ) -> Result<Response<ResponseBody>, NoResponse> {
        let head = self.head(request, reach, times);
        let response = match times.deadline {
            Some(deadline) => timeout_at(deadline, head).await.map_err(|_| Error::HttpResponseTimeout)?,
            None => head.await,
        };
        let (head, body) = response?.into_parts();
        Ok(Response::from_parts(head, ResponseBody::new(body, self.response_body, times)?))
    }

    /// Connects, sends, and waits for the head of the response.
    async fn head(
        &self,
        mut request: Request<WasiBody>,
        reach: AddressScope,
        times: Timeouts,
    ) -> Result<Response<Incoming>, NoResponse> {
        let pools = match reach {
            AddressScope::Public => &self.public,
            AddressScope::Internal => &self.internal,
        };
        let client = match *request.method() {
            // A server that expects no body could take the body for a second request (RFC 9110, section 9.3.1). Without
            // this header, the client sends no body.
            Method::GET | Method::HEAD if !request.headers().contains_key(CONTENT_LENGTH) => &pools.pooled,
            _ => &pools.single,
        };
        let mut connection = capture_connection(&mut request);
        let connected = async {
            connection.wait_for_connection_metadata().await;
        };
        let mut response = pin!(client.request(request));
        let early = tokio::select! {
            response = &mut response => Some(response),
            connected = timeout(times.connect, connected) => {
                connected.map_err(|_| error_code::no_connection_in_time(times.connect))?;
                None
            }
        };
        let response = match early {
            Some(response) => response,
            None => timeout(times.first_byte, response).await.map_err(|_| Error::ConnectionReadTimeout)?,
        };
        let response = response.map_err(|error| error_code::no_response(&error))?;
        if section_size(response.headers()) > self.response_headers {
            return Err(Error::HttpResponseHeaderSectionSize(None).into());
        }
        // Ambiguous framing: where such a response ends, peers disagree, which is an attack (RFC 9112, section 6.3).
        if response.headers().contains_key(CONTENT_LENGTH) && response.headers().contains_key(TRANSFER_ENCODING) {
            return Err(Error::HttpProtocolError.into());
        }
        Ok(response)
    }
}

/// The size of the headers on the wire, in bytes.
fn section_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + ": ".len() + value.len() + "\r\n".len()).sum()
}
