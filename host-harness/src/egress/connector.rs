//! The connector: from an origin to a connection.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::resolver::Resolver;
use crate::Limits;
use crate::egress::write_timeout::Connection;

/// Connects to an origin: name lookup, TCP and TLS under one deadline.
#[derive(Clone)]
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector<Resolver>>,
    limit: Duration,
    idle: Duration,
}

/// No connection came about, so nothing of the request was sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoConnection {
    #[error("no connection within {0:?}")]
    Timeout(Duration),
    #[error("no connection: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl Connector {
    pub(super) fn new(tls: ClientConfig, limits: &Limits, resolver: Resolver) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self { https: HttpsConnector::from((tcp, tls)), limit: limits.connect, idle: limits.idle }
    }
}

impl Service<Uri> for Connector {
    type Response = Connection<MaybeHttpsStream<TokioIo<TcpStream>>>;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NoConnection>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), NoConnection>> {
        self.https.poll_ready(context).map_err(NoConnection::Failed)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.limit, self.https.call(uri));
        let (limit, idle) = (self.limit, self.idle);
        Box::pin(async move {
            let connected = connecting.await.map_err(|_| NoConnection::Timeout(limit))?;
            connected.map(|stream| Connection::new(stream, idle)).map_err(NoConnection::Failed)
        })
    }
}
