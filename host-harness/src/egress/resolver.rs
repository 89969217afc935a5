//! From a host's name to its addresses.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

/// Asks the system. A service of its own so that its failures can be told from the network's.
#[derive(Clone, Debug)]
pub(super) struct Resolver;

/// The system knows no address for the name.
#[derive(Debug, thiserror::Error)]
#[error("no address for the name: {0}")]
pub(super) struct NoAddress(#[source] io::Error);

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = NoAddress;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NoAddress>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoAddress>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<_> = addresses.map_err(NoAddress)?.collect();
            Ok(addresses.into_iter())
        })
    }
}
