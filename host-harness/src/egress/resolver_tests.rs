//! Names that lead where they should not. Lookups are simulated; connections go to loopback: 127.0.0.1 stands for the
//! public internet, other addresses for what a request must not reach.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use rustls::RootCertStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wasmtime_wasi_http::{Error, WasiBody};

use super::client::{Client, NoResponse};
use super::resolver::{Directory, Refused};
use crate::egress::policy::grant::AddressScope;
use crate::egress::timeouts::Timeouts;
use crate::{AddressClass, Limits};

const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const INTERNAL: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// A public address of the machine itself.
const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

/// A server at both addresses, on one port.
struct Peer {
    port: u16,
    /// The number of connections to the public address, and to the internal one.
    connections: [Arc<AtomicUsize>; 2],
}

impl Peer {
    async fn new() -> Self {
        let (public, internal) = loop {
            let public = TcpListener::bind((PUBLIC, 0)).await.unwrap();
            // The port may be taken at the other address.
            if let Ok(internal) = TcpListener::bind((INTERNAL, public.local_addr().unwrap().port())).await {
                break (public, internal);
            }
        };
        let port = public.local_addr().unwrap().port();
        Self { port, connections: [public, internal].map(serve) }
    }

    fn connections(&self) -> [usize; 2] {
        [0, 1].map(|address: usize| self.connections[address].load(Ordering::SeqCst))
    }
}

/// Answers every request, and keeps the connection. Counts the connections.
fn serve(listener: TcpListener) -> Arc<AtomicUsize> {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                while stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
                    _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                }
            });
        }
    });
    connections
}

/// A directory with these answers, one per lookup, then none ever; and a count of the lookups.
fn directory(answers: impl IntoIterator<Item = io::Result<Vec<IpAddr>>>) -> (Directory, Arc<AtomicUsize>) {
    let answers = Mutex::new(answers.into_iter().collect::<VecDeque<_>>());
    let lookups = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lookups);
    let directory = Directory {
        lookup: Arc::new(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            let answer = answers.lock().unwrap().pop_front();
            Box::pin(async move {
                let Some(answer) = answer else { return std::future::pending().await };
                Ok(answer?.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
            })
        }),
        class: |address, own| match address {
            PUBLIC => None,
            address if own.contains(&address) => Some(AddressClass::ThisMachine),
            _ => Some(AddressClass::Private),
        },
        own: || Ok(vec![OWN]),
    };
    (directory, lookups)
}

/// A client, a peer, and the client's lookups of the peer's name.
struct Scenario {
    client: Client,
    peer: Peer,
    lookups: Arc<AtomicUsize>,
}

impl Scenario {
    /// A scenario whose peer's name leads to these addresses, lookup by lookup.
    async fn new<const N: usize>(answers: [&[IpAddr]; N]) -> Self {
        let (directory, lookups) = directory(answers.map(|answer| Ok(answer.to_vec())));
        Self {
            client: Client::with(&limits(), RootCertStore::empty(), &directory).unwrap(),
            peer: Peer::new().await,
            lookups,
        }
    }

    /// The status of the answer.
    async fn send(&self, method: Method, host: &str, reach: AddressScope) -> Result<u16, NoResponse> {
        let body: WasiBody = Full::new(Bytes::new()).map_err(|e| match e {}).boxed_unsync();
        let url = format!("http://{host}:{}/", self.peer.port);
        let request = Request::builder().method(method).uri(url).body(body).unwrap();
        let times = Timeouts::new(&limits(), None, tokio::time::Instant::now());
        let response = self.client.send(request, reach, times).await?;
        let status = response.status().as_u16();
        // A connection is free for the next request once the body is read.
        response.into_body().collect().await?;
        Ok(status)
    }

    async fn get(&self, reach: AddressScope) -> Result<u16, NoResponse> {
        self.send(Method::GET, "name.example", reach).await
    }

    async fn post(&self, reach: AddressScope) -> Result<u16, NoResponse> {
        self.send(Method::POST, "name.example", reach).await
    }

    fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

fn limits() -> Limits {
    Limits { connect: Duration::from_millis(300), ..Limits::default() }
}

/// True if the request was refused because of the internal address.
fn is_refused(sent: &Result<u16, NoResponse>) -> bool {
    let expected = Refused { address: INTERNAL, class: AddressClass::Private };
    matches!(sent, Err(NoResponse::Refused(refused)) if *refused == expected)
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_a_connection() {
    let scenario = Scenario::new([&[PUBLIC], &[PUBLIC]]).await;
    for _ in 0..3 {
        assert_eq!(scenario.get(AddressScope::Public).await.unwrap(), 200);
    }
    assert_eq!((scenario.lookups(), scenario.peer.connections()), (1, [1, 0]));
    assert_eq!(scenario.post(AddressScope::Public).await.unwrap(), 200);
    assert_eq!((scenario.lookups(), scenario.peer.connections()), (2, [2, 0]));
}

/// DNS rebinding: the name leads to a good address when checked, and to another one when used.
#[tokio::test]
async fn a_name_that_changes_its_address_is_looked_at_again_before_each_connection() {
    let scenario = Scenario::new([&[PUBLIC], &[INTERNAL], &[PUBLIC], &[INTERNAL]]).await;
    for _ in 0..2 {
        assert_eq!(scenario.post(AddressScope::Public).await.unwrap(), 200);
        assert!(is_refused(&scenario.post(AddressScope::Public).await));
    }
    assert_eq!((scenario.lookups(), scenario.peer.connections()), (4, [2, 0]));
}

#[tokio::test]
async fn one_internal_address_of_a_name_makes_all_of_them_suspect() {
    let scenario = Scenario::new([&[PUBLIC, INTERNAL], &[INTERNAL, PUBLIC]]).await;
    assert!(is_refused(&scenario.get(AddressScope::Public).await));
    assert!(is_refused(&scenario.post(AddressScope::Public).await));
    assert_eq!(scenario.peer.connections(), [0, 0]);
}

#[tokio::test]
async fn this_machine_is_refused_by_its_public_address_too() {
    let scenario = Scenario::new([&[OWN], &[PUBLIC, OWN]]).await;
    for _ in 0..2 {
        let Err(NoResponse::Refused(refused)) = scenario.post(AddressScope::Public).await else {
            panic!("it was connected")
        };
        assert_eq!(refused.to_string(), "the address 127.0.0.3 is an address of this machine");
    }
    assert_eq!(scenario.peer.connections(), [0, 0]);
}

#[tokio::test]
async fn where_the_machine_hides_its_addresses_no_name_is_connected_to() {
    let (directory, _) = directory([Ok(vec![PUBLIC]), Ok(vec![INTERNAL])]);
    let directory = Directory { own: || Err(io::ErrorKind::PermissionDenied.into()), ..directory };
    let client = Client::with(&limits(), RootCertStore::empty(), &directory).unwrap();
    let scenario = Scenario { client, ..Scenario::new([]).await };
    let Err(NoResponse::Unreached { code: Error::DnsError { rcode, .. }, .. }) =
        scenario.get(AddressScope::Public).await
    else {
        panic!("it was connected")
    };
    let expected = "this machine's own addresses, to which no name may lead, cannot be read: permission denied";
    assert_eq!(rcode.as_deref(), Some(expected));
    assert_eq!(scenario.get(AddressScope::Internal).await.unwrap(), 200);
    assert_eq!(scenario.peer.connections(), [0, 1]);
}

#[tokio::test]
async fn a_name_may_lead_anywhere_where_that_was_granted() {
    let scenario = Scenario::new([&[INTERNAL]]).await;
    assert_eq!(scenario.get(AddressScope::Internal).await.unwrap(), 200);
    assert_eq!(scenario.peer.connections(), [0, 1]);
}

#[tokio::test]
async fn a_connection_to_an_internal_address_is_used_by_nobody_else() {
    let scenario = Scenario::new([&[INTERNAL], &[INTERNAL]]).await;
    assert_eq!(scenario.get(AddressScope::Internal).await.unwrap(), 200);
    assert!(is_refused(&scenario.get(AddressScope::Public).await));
    // It is still there for requests that may use it.
    assert_eq!(scenario.get(AddressScope::Internal).await.unwrap(), 200);
    assert_eq!((scenario.lookups(), scenario.peer.connections()), (2, [0, 1]));
}

#[tokio::test]
async fn an_address_in_the_url_is_meant_as_it_is() {
    let scenario = Scenario::new([]).await;
    assert_eq!(scenario.send(Method::GET, "127.0.0.2", AddressScope::Public).await.unwrap(), 200);
    assert_eq!((scenario.lookups(), scenario.peer.connections()), (0, [0, 1]));
}

#[tokio::test]
async fn a_lookup_that_hangs_ends_with_the_time_for_a_connection() {
    let scenario = Scenario::new([]).await;
    let started = Instant::now();
    let error = Error::from(scenario.get(AddressScope::Public).await.unwrap_err());
    assert!(matches!(error, Error::DestinationUnavailable), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(scenario.lookups(), 1);
}

#[tokio::test]
async fn a_name_without_addresses_is_no_panic() {
    let scenario = Scenario::new([&[]]).await;
    assert!(matches!(scenario.get(AddressScope::Public).await, Err(NoResponse::Unreached { .. })));
}

/// With the system's resolver: `localhost` never leaves the machine (RFC 6761, section 6.3).
#[tokio::test]
async fn localhost_is_refused_as_a_loopback_address() {
    let scenario =
        Scenario { client: Client::new(&limits(), RootCertStore::empty()).unwrap(), ..Scenario::new([]).await };
    let refused = match scenario.send(Method::GET, "localhost", AddressScope::Public).await {
        Err(NoResponse::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!((refused.address.is_loopback(), refused.class), (true, AddressClass::Loopback));
    assert!(matches!(Error::from(NoResponse::from(refused)), Error::HttpRequestDenied));
    assert_eq!(scenario.peer.connections(), [0, 0]);
}
