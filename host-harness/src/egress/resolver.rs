//! Name resolution: from a host name to the addresses that may be connected to.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::Name;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tower_service::Service;

use crate::AddressClass;
use crate::egress::policy::grant::AddressScope;

type Promise<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// The directory of names and the classes of their addresses: the system's answers and [`AddressClass`], or a test's.
#[derive(Clone)]
pub(super) struct Directory {
    pub(super) lookup: Arc<dyn Fn(Name) -> Promise<Vec<SocketAddr>, io::Error> + Send + Sync>,
    /// Classifies an address, given the machine's own.
    pub(super) class: fn(IpAddr, &[IpAddr]) -> Option<AddressClass>,
    /// The machine's own addresses, which may change at any time.
    pub(super) own: fn() -> io::Result<Vec<IpAddr>>,
}

/// Resolves names and checks the addresses. The connection goes to the addresses returned: they are never looked up
/// again. Addresses written in the URL do not come here; they were granted as they are.
#[derive(Clone)]
pub(super) struct Resolver {
    directory: Directory,
    reach: AddressScope,
}

/// The system has no address for the name.
#[derive(Debug, thiserror::Error)]
#[error("no address for the name: {0}")]
pub(super) struct NoAddress(#[source] io::Error);

/// The system does not list its own addresses, so the name may lead to one of them.
#[derive(Debug, thiserror::Error)]
#[error("this machine's own addresses, to which no name may lead, cannot be read: {0}")]
pub(super) struct NoInterfaces(#[source] io::Error);

/// The name leads to an address that this request may not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address {address} is {class}")]
pub(crate) struct Refused {
    pub(super) address: IpAddr,
    pub(super) class: AddressClass,
}

/// How many names are looked up at once. A hanging lookup cannot be stopped and holds one of the runtime's threads for
/// as long as the system likes: others must always be left.
const AT_ONCE: usize = 16;

impl Directory {
    /// The system's directory, used outside of tests.
    pub(super) fn system() -> Self {
        Self::blocking(|name| Ok((name, 0).to_socket_addrs()?.collect()), AddressClass::here, interfaces)
    }

    /// A directory that blocks a thread for each lookup.
    pub(super) fn blocking(
        look: fn(&str) -> io::Result<Vec<SocketAddr>>,
        class: fn(IpAddr, &[IpAddr]) -> Option<AddressClass>,
        own: fn() -> io::Result<Vec<IpAddr>>,
    ) -> Self {
        let free = Arc::new(Semaphore::new(AT_ONCE));
        let lookup = move |name: Name| -> Promise<_, _> {
            let free = Arc::clone(&free);
            Box::pin(async move {
                let held = free.acquire_owned().await.map_err(io::Error::other)?;
                let looked = spawn_blocking(move || {
                    let _held = held;
                    look(name.as_str())
                });
                looked.await.map_err(io::Error::other)?
            })
        };
        Self { lookup: Arc::new(lookup), class, own }
    }
}

impl Resolver {
    pub(super) fn new(directory: Directory, reach: AddressScope) -> Self {
        Self { directory, reach }
    }
}

/// The addresses of all interfaces of this machine. Asks the kernel only: no name is looked up.
fn interfaces() -> io::Result<Vec<IpAddr>> {
    Ok(if_addrs::get_if_addrs()?.iter().map(if_addrs::Interface::ip).collect())
}

/// The first address that is refused. One suffices to refuse the name: it is chance which address is connected to.
fn refused(addresses: &[SocketAddr], class: impl Fn(IpAddr) -> Option<AddressClass>) -> Option<Refused> {
    let refused = |address: IpAddr| class(address).map(|class| Refused { address, class });
    addresses.iter().find_map(|address| refused(address.ip()))
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Promise<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { directory: Directory { lookup, class, own }, reach } = self.clone();
        Box::pin(async move {
            let addresses = lookup(name).await.map_err(NoAddress)?;
            if reach == AddressScope::Public {
                let own = own().map_err(NoInterfaces)?;
                if let Some(refused) = refused(&addresses, |address| class(address, &own)) {
                    return Err(refused.into());
                }
            }
            Ok(addresses.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_interfaces_of_this_machine_are_read() {
        let own = (Directory::system().own)().unwrap();
        assert!(own.contains(&IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)), "{own:?}");
        let public = IpAddr::from([8, 8, 8, 8]);
        assert_eq!((Directory::system().class)(public, &[public]), Some(AddressClass::ThisMachine));
        // The address that the kernel would send from, for a documentation address (RFC 5737): nothing is sent.
        let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
        if socket.connect("198.51.100.1:9").is_ok() {
            let address = socket.local_addr().unwrap().ip();
            assert!(own.contains(&address), "{own:?} has no {address}");
        }
    }

    #[tokio::test]
    async fn lookups_that_hang_keep_only_so_many_threads() {
        static HANGING: AtomicUsize = AtomicUsize::new(0);
        let hang = |_: &str| {
            HANGING.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(300));
            Err(io::ErrorKind::TimedOut.into())
        };
        let directory = Directory::blocking(hang, |_, _| None, || Ok(Vec::new()));
        let name: Name = "mute.example".parse().unwrap();
        // Nobody waits for these lookups, but they hold their threads.
        for _ in 0..AT_ONCE * 2 {
            _ = tokio::time::timeout(Duration::from_millis(5), (directory.lookup)(name.clone())).await;
        }
        assert_eq!(HANGING.load(Ordering::SeqCst), AT_ONCE);
    }
}
