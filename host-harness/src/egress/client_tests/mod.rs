//! The client against misbehaving servers: limits of 300 ms, every test over within 2 s.

mod bodies;
mod connecting;
mod heads;
mod reuse;

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use fault_server::{Fault, Server};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use rustls::RootCertStore;
use tokio::time::{Instant, sleep, timeout};
use wasmtime_wasi_http::{Error, WasiBody};

use super::client::Client;
use super::tls;
use crate::egress::policy::grant::AddressScope;
use crate::egress::timeouts::Timeouts;
use crate::{Limits, Size};

/// Status and body, or the error's code.
type Answer = Result<(u16, String), String>;

/// The interval at which slow servers send a byte: far shorter than any limit.
const DRIP: Duration = Duration::from_millis(20);

fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(300),
        first_byte: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        request: Duration::from_millis(900),
        response_body: Size(1000),
        ..Limits::default()
    }
}

/// A client that trusts the test authority and nobody else.
fn client(limits: &Limits) -> Client {
    let roots = tls::with_pem(RootCertStore::empty(), fault_server::authority_pem().as_bytes()).unwrap();
    Client::new(limits, roots).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "to be compared with an answer")]
fn ok(body: &str) -> Answer {
    Ok((200, body.to_owned()))
}

fn error(code: &str) -> Answer {
    Err(code.to_owned())
}

/// Sends a request and reads the whole answer.
async fn fetch(client: &Client, limits: &Limits, method: Method, url: &str) -> Answer {
    let body: WasiBody = Full::new(Bytes::new()).map_err(|e| match e {}).boxed_unsync();
    let request = Request::builder().method(method).uri(url).body(body).unwrap();
    let response = client.send(request, AddressScope::Public, Timeouts::new(limits, None, Instant::now())).await;
    let response = response.map_err(|error| format!("{:?}", Error::from(error)))?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| format!("body: {error:?}"))?;
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}

/// The result of a GET and a POST over TCP and TLS, the same for all four.
async fn all(fault: Fault) -> Answer {
    let plain = over_tcp(fault.clone()).await;
    assert_eq!(over_tls(fault).await, plain, "TLS, then TCP");
    plain
}

async fn over_tcp(fault: Fault) -> Answer {
    let get = tried(Method::GET, Server::plain(fault.clone()).await.unwrap()).await;
    let post = tried(Method::POST, Server::plain(fault).await.unwrap()).await;
    assert_eq!(post, get, "POST, then GET");
    get
}

async fn over_tls(fault: Fault) -> Answer {
    let get = tried(Method::GET, Server::tls(fault.clone()).await.unwrap()).await;
    let post = tried(Method::POST, Server::tls(fault).await.unwrap()).await;
    assert_eq!(post, get, "POST, then GET");
    get
}

/// Makes one request: it ends in time, is on the wire at most once and leaves no connection behind.
async fn tried(method: Method, server: Server) -> Answer {
    let (limits, url) = (limits(), server.url());
    let client = client(&limits);
    let fetched = fetch(&client, &limits, method, &url);
    let answer = timeout(Duration::from_secs(2), fetched).await.expect("an end within 2 s");
    let counts = server.counts();
    assert!(counts.connections <= 1 && counts.requests <= 1, "{counts:?}");
    drop(client);
    all_closed(&server).await;
    answer
}

async fn all_closed(server: &Server) {
    let closed = async {
        while server.counts().open > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(1), closed).await.expect("no connection is left open");
}

#[test]
fn every_fault_has_a_test() {
    fn word(text: &str) -> Option<&str> {
        text.split(|c: char| !c.is_alphanumeric()).next()
    }
    let variants = include_str!("../../../../tests/fixtures/fault-server/src/fault.rs").lines().map(str::trim);
    let faults = variants.filter(|line| line.starts_with(char::is_uppercase)).filter_map(word);
    let tests =
        [include_str!("bodies.rs"), include_str!("connecting.rs"), include_str!("heads.rs"), include_str!("reuse.rs")];
    let tested: BTreeSet<_> = tests.iter().flat_map(|test| test.split("Fault::").skip(1)).filter_map(word).collect();
    assert_eq!(faults.filter(|fault| !tested.contains(fault)).collect::<Vec<_>>(), [""; 0], "faults without a test");
}
