//! The egress policy applied to a plugin's requests, up to the wire.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use rustls::RootCertStore;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks};

use super::{Client, Hooks, Quota, RequestLog};
use crate::limits::limit_signal::LimitSignal;
use crate::secrets::placeholder::Placeholders;
use crate::spans::CallSpan;
use crate::{Grant, Limits};

/// A server on loopback that records the heads of its requests, and the grants for it.
struct Scenario {
    port: u16,
    heads: UnboundedReceiver<String>,
    hooks: Hooks,
}

impl Scenario {
    /// A scenario with these grants, in which `PORT` stands for the server's.
    async fn granting(grants: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, heads) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).await.is_ok_and(|read| read > 0) {}
                _ = sender.send(head);
                _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        });
        let grant = |text: &&str| text.replace("PORT", &port.to_string()).parse::<Grant>().unwrap();
        let limits = Arc::new(Limits::default());
        let hooks = Hooks {
            client: Client::new(&limits, RootCertStore::empty()).unwrap(),
            grants: grants.iter().map(grant).collect(),
            request_log: RequestLog::default(),
            quota: Quota::default(),
            placeholders: Placeholders::default(),
            span: CallSpan::new("", ""),
            limit_signal: LimitSignal::new(Arc::clone(&limits)),
            limits,
        };
        Self { port, heads, hooks }
    }

    /// The status, or the error that the plugin gets.
    async fn send(&mut self, method: Method, url: &str) -> Result<u16, Error> {
        let body: WasiBody = Full::new(Bytes::new()).map_err(|e| match e {}).boxed_unsync();
        let url = url.replace("PORT", &self.port.to_string());
        // As it leaves the sandbox: with a host header that the plugin wrote.
        let request = Request::builder().method(method).uri(&url).header("host", "as.the.plugin.wrote.it");
        let sent = self.hooks.send_request(request.body(body).unwrap(), None, Box::new(async { Ok(()) }));
        Pin::from(sent).await.map(|(response, _)| response.status().as_u16())
    }

    /// The denials without the port, and how many requests arrived.
    fn end(mut self) -> (Vec<String>, usize) {
        let port = format!(":{}", self.port);
        let denied = self.hooks.request_log.close().denied;
        let denied = denied.into_iter().map(|denial| denial.to_string().replace(&port, "")).collect();
        let mut heads = 0;
        while self.heads.try_recv().is_ok() {
            heads += 1;
        }
        (denied, heads)
    }
}

#[tokio::test]
async fn what_is_on_the_wire_is_what_was_looked_at() {
    let mut scenario = Scenario::granting(&["http://127.0.0.1:PORT"]).await;
    for host in ["127.0.0.1", "127.1", "0x7F.0.0.1", "2130706433", "127.0.0.1.", "[::ffff:7f00:1]"] {
        assert!(matches!(scenario.send(Method::GET, &format!("http://{host}:PORT/v4?x=1")).await, Ok(200)), "{host}");
        let head = scenario.heads.recv().await.unwrap();
        let expected = format!("GET /v4?x=1 HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n", scenario.port);
        assert_eq!(head, expected, "{host}");
    }
}

#[tokio::test]
async fn a_request_beside_the_granted_methods_and_paths_is_denied_and_noted() {
    let mut scenario = Scenario::granting(&["GET http://127.0.0.1:PORT/v4"]).await;
    for (method, url) in [
        (Method::POST, "http://127.0.0.1:PORT/v4/x"),
        (Method::GET, "http://127.0.0.1:PORT/v44"),
        (Method::GET, "http://127.0.0.1:PORT/v4/%2e%2e/x"),
        (Method::GET, "https://127.0.0.1:PORT/v4/x"),
    ] {
        assert!(matches!(scenario.send(method, url).await, Err(Error::HttpRequestDenied)), "{url}");
    }
    assert!(matches!(scenario.send(Method::GET, "http://127.0.0.1:PORT/v4/x").await, Ok(200)));
    let denied = [
        "the plugin asked for https://127.0.0.1, which is not allowed",
        "the plugin asked for GET /v4/%2e%2e/x at http://127.0.0.1, which is not allowed there",
        "the plugin asked for GET /v44 at http://127.0.0.1, which is not allowed there",
        "the plugin asked for POST /v4/x at http://127.0.0.1, which is not allowed there",
    ];
    let (mut noted, requests) = scenario.end();
    noted.sort_by_key(|denial| denied.iter().position(|expected| denial == expected));
    assert_eq!((noted, requests), (denied.map(str::to_owned).to_vec(), 1));
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_denied_and_noted() {
    let mut scenario = Scenario::granting(&["http://localhost:PORT"]).await;
    let answer = scenario.send(Method::GET, "http://localhost:PORT/").await;
    assert!(matches!(answer, Err(Error::HttpRequestDenied)), "{answer:?}");
    let (denied, requests) = scenario.end();
    assert!(denied[0].starts_with("the plugin asked for http://localhost, whose address "), "{denied:?}");
    assert!(denied[0].ends_with(" is a loopback address"), "{denied:?}");
    assert_eq!((denied.len(), requests), (1, 0));
}

#[tokio::test]
async fn a_tunnel_is_never_opened_and_nothing_traced() {
    let mut scenario = Scenario::granting(&["http://127.0.0.1:PORT"]).await;
    for method in [Method::CONNECT, Method::TRACE] {
        let answer = scenario.send(method, "http://127.0.0.1:PORT/").await;
        assert!(matches!(answer, Err(Error::HttpRequestMethodInvalid)), "{answer:?}");
    }
    let (denied, requests) = scenario.end();
    assert!(denied[0].starts_with("the plugin asked for CONNECT at http://127.0.0.1"), "{denied:?}");
    assert_eq!((denied.len(), requests), (2, 0));
}
