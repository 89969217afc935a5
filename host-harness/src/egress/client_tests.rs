//! The client against peers that misbehave: raw TCP, limits of a few 100 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::{Error, WasiBody};

use super::client::Client;
use super::times::Times;
use crate::{Limits, Size};

/// What a peer does to a connection, after it has read a request and before it hangs up.
type Deed = fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// A peer on loopback that counts connections and requests.
struct Peer {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Peer {
    /// Reads requests and answers each with these bytes; hangs up after `requests` of them on one connection.
    async fn answering(answer: &'static str, requests: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = Self::of(&listener);
        let (connections, count) = (peer.connections.clone(), peer.requests.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let count = count.clone();
                tokio::spawn(async move {
                    for _ in 0..requests {
                        if !read_request(&mut stream).await {
                            return;
                        }
                        count.fetch_add(1, Ordering::SeqCst);
                        _ = stream.write_all(answer.as_bytes()).await;
                    }
                });
            }
        });
        peer
    }

    /// Accepts a connection and does this with it.
    async fn doing(deed: Deed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = Self::of(&listener);
        let connections = peer.connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(deed(stream));
            }
        });
        peer
    }

    fn of(listener: &TcpListener) -> Self {
        Self { port: listener.local_addr().unwrap().port(), connections: Arc::default(), requests: Arc::default() }
    }

    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

/// Reads up to the end of the head; all bodies here are of length 0.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    true
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(300),
        first_byte: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        response_body: Size(1000),
        ..Limits::default()
    }
}

fn client() -> Client {
    Client::new(&limits()).unwrap()
}

/// Sends a request and reads the whole answer: its status and body, or the error.
async fn fetch(client: &Client, method: Method, url: &str) -> Result<(u16, String), String> {
    let body: WasiBody = Full::new(Bytes::new()).map_err(|e| match e {}).boxed_unsync();
    let request = Request::builder().method(method).uri(url).body(body).unwrap();
    let response = client.send(request, Times::new(&limits(), None, tokio::time::Instant::now())).await;
    let response = response.map_err(|error| format!("{error:?}"))?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(|error| format!("body: {error:?}"))?;
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}

async fn get(peer: &Peer) -> Result<(u16, String), String> {
    fetch(&client(), Method::GET, &format!("http://127.0.0.1:{}/", peer.port)).await
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_peer_that_is_mute_in_the_handshake_times_out() {
    let peer = Peer::doing(|stream| Box::pin(hold(stream))).await;
    let started = Instant::now();
    let answer = fetch(&client(), Method::GET, &format!("https://127.0.0.1:{}/", peer.port)).await;
    assert_eq!(answer, Err(format!("{:?}", Error::ConnectionTimeout)));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_a_tls_error() {
    let peer = Peer::doing(|mut stream| {
        Box::pin(async move {
            _ = stream.write_all(b"220 mail.example.com ESMTP\r\n").await;
            hold(stream).await;
        })
    })
    .await;
    let answer = fetch(&client(), Method::POST, &format!("https://127.0.0.1:{}/", peer.port)).await;
    assert_eq!(answer, Err(format!("{:?}", Error::TlsProtocolError)));
}

#[tokio::test]
async fn a_peer_that_hangs_up_in_the_handshake_is_a_tls_error() {
    let peer = Peer::doing(|stream| Box::pin(async move { drop(stream) })).await;
    let answer = fetch(&client(), Method::POST, &format!("https://127.0.0.1:{}/", peer.port)).await;
    assert_eq!(answer, Err(format!("{:?}", Error::TlsProtocolError)));
}

#[tokio::test]
async fn a_peer_that_never_answers_times_out() {
    let peer = Peer::doing(|stream| Box::pin(hold(stream))).await;
    assert_eq!(get(&peer).await, Err("ConnectionReadTimeout".to_owned()));
}

#[tokio::test]
async fn a_body_that_stalls_times_out() {
    let peer = Peer::doing(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await;
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
            hold(stream).await;
        })
    })
    .await;
    assert_eq!(get(&peer).await, Err("body: ConnectionReadTimeout".to_owned()));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", 1).await;
    assert_eq!(get(&peer).await, Err("body: HttpResponseIncomplete".to_owned()));
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_at_once() {
    let peer = Peer::answering("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", 1).await;
    assert_eq!(get(&peer).await, Err("HttpResponseBodySize(Some(1000))".to_owned()));
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_cut_off() {
    let peer = Peer::doing(|mut stream| {
        Box::pin(async move {
            read_request(&mut stream).await;
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            while stream.write_all(b"5\r\nhello\r\n").await.is_ok() {}
        })
    })
    .await;
    assert_eq!(get(&peer).await, Err("body: HttpResponseBodySize(Some(1000))".to_owned()));
}

#[tokio::test]
async fn what_is_no_http_is_a_protocol_error() {
    let peer = Peer::answering("hello\r\n\r\n", 1).await;
    assert_eq!(get(&peer).await, Err("HttpProtocolError".to_owned()));
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = Peer::of(&listener);
    drop(listener);
    assert_eq!(get(&peer).await, Err("ConnectionRefused".to_owned()));
}

#[tokio::test]
async fn a_name_without_an_address_is_a_dns_error() {
    // A label of more than 63 octets (RFC 1035, section 2.3.4): no resolver is asked.
    let url = format!("http://{}.invalid/", "a".repeat(64));
    let answer = fetch(&client(), Method::GET, &url).await.unwrap_err();
    assert!(answer.starts_with("DnsError"), "{answer}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let peer = Peer::answering("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", 9).await;
    assert_eq!(get(&peer).await, Ok((302, String::new())));
    assert_eq!(peer.counts(), (1, 1));
}

#[tokio::test]
async fn gets_share_a_connection() {
    let peer = Peer::answering(OK, 9).await;
    let (client, url) = (client(), format!("http://127.0.0.1:{}/", peer.port));
    for _ in 0..3 {
        assert_eq!(fetch(&client, Method::GET, &url).await, Ok((200, "ok".to_owned())));
    }
    assert_eq!(peer.counts(), (1, 3));
}

#[tokio::test]
async fn posts_share_no_connection() {
    let peer = Peer::answering(OK, 9).await;
    let (client, url) = (client(), format!("http://127.0.0.1:{}/", peer.port));
    for method in [Method::GET, Method::POST, Method::DELETE, Method::GET] {
        assert_eq!(fetch(&client, method, &url).await, Ok((200, "ok".to_owned())));
    }
    assert_eq!(peer.counts(), (3, 4));
}

/// The peer closes a connection that it has kept alive just when the client would use it again.
#[tokio::test]
async fn a_stale_connection_does_not_make_the_outcome_of_a_post_unknown() {
    for _ in 0..20 {
        let peer = Peer::answering(OK, 1).await;
        let (client, url) = (client(), format!("http://127.0.0.1:{}/", peer.port));
        fetch(&client, Method::GET, &url).await.unwrap();
        assert_eq!(fetch(&client, Method::POST, &url).await, Ok((200, "ok".to_owned())));
        assert_eq!(peer.counts(), (2, 2));
    }
}

#[tokio::test]
async fn a_post_that_gets_no_answer_is_on_the_wire_once() {
    // Reads the request, then hangs up without a word.
    let peer = Peer::answering("", 1).await;
    let url = format!("http://127.0.0.1:{}/", peer.port);
    let answer = fetch(&client(), Method::POST, &url).await;
    assert_eq!(answer, Err("ConnectionTerminated".to_owned()));
    assert_eq!(peer.counts(), (1, 1));
}

#[tokio::test]
async fn a_post_to_a_peer_that_hangs_up_at_once_is_not_tried_again() {
    let peer = Peer::doing(|stream| Box::pin(async move { drop(stream) })).await;
    let url = format!("http://127.0.0.1:{}/", peer.port);
    let answer = fetch(&client(), Method::POST, &url).await;
    assert_eq!(answer, Err("ConnectionTerminated".to_owned()));
    assert_eq!(peer.counts().0, 1);
}

/// Keeps the connection open and says nothing, for as long as any test runs.
async fn hold(stream: TcpStream) {
    tokio::time::sleep(Duration::from_mins(1)).await;
    drop(stream);
}
