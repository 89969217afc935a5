//! Whom a guest talks to.

use fault_server::{Fault, Server};

/// A server that does this to each of its connections.
#[derive(Clone)]
pub(crate) enum Peer {
    Plain(Fault),
    Tls(Fault),
}

impl Peer {
    pub(crate) async fn start(self) -> Server {
        match self {
            Self::Plain(fault) => Server::plain(fault).await.unwrap(),
            Self::Tls(fault) => Server::tls(fault).await.unwrap(),
        }
    }
}
