use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::counts::Ledger;
use crate::{Counts, Fault, authority, connection};

/// A running server. It ends when it is dropped, and all its connections with it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    ledger: Ledger,
    accepting: AbortHandle,
}

impl Server {
    /// Starts a server over TCP at a free port of 127.0.0.1.
    pub async fn plain(fault: Fault) -> io::Result<Self> {
        Self::plain_on(Ipv4Addr::LOCALHOST, fault).await
    }

    /// As [`Server::plain`], at another address of 127.0.0.0/8; at any other it is an error.
    pub async fn plain_on(address: Ipv4Addr, fault: Fault) -> io::Result<Self> {
        Self::start(address, None, fault).await
    }

    /// Starts a server over TLS at a free port of 127.0.0.1. Trust [`authority_pem`](crate::authority_pem) to reach it.
    pub async fn tls(fault: Fault) -> io::Result<Self> {
        let address = Ipv4Addr::LOCALHOST;
        let config = authority::config(&address.to_string(), &fault)?;
        Self::start(address, Some(TlsAcceptor::from(config)), fault).await
    }

    async fn start(address: Ipv4Addr, tls: Option<TlsAcceptor>, fault: Fault) -> io::Result<Self> {
        if !address.is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{address} is no loopback address")));
        }
        let listener = TcpListener::bind((address, 0)).await?;
        let address = listener.local_addr()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let ledger = Ledger::default();
        let accepting = tokio::spawn(accept(listener, tls, Arc::new(fault), ledger.clone())).abort_handle();
        Ok(Self { address, scheme, ledger, accepting })
    }

    /// Where it listens: `http://127.0.0.1:PORT/` or with `https`.
    pub fn url(&self) -> String {
        format!("{}://{}/", self.scheme, self.address)
    }

    /// The address of its socket.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What reached it so far.
    pub fn counts(&self) -> Counts {
        self.ledger.counts()
    }

    /// The heads of all requests so far, from the request line to the empty line, in the order in which they came.
    pub fn heads(&self) -> Vec<String> {
        self.ledger.heads()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections and does the fault to them, until it is dropped and they with it.
async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, fault: Arc<Fault>, ledger: Ledger) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // What fails here and below is the client's connection, never the listener.
                if let Ok((tcp, _)) = accepted {
                    let (tls, fault, ledger) = (tls.clone(), Arc::clone(&fault), ledger.clone());
                    connections.spawn(async move { connection::serve(tcp, tls, &fault, &ledger).await });
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
