//! Connection reuse: several requests of one client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fault_server::{Counts, Fault, Server};
use http::header::CONTENT_LENGTH;
use http::{Method, Request};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep, timeout};
use wasmtime_wasi_http::{Error, WasiBody};

use super::{AddressScope, Answer, Timeouts, all_closed, client, error, fetch, limits, ok};
use crate::Limits;

/// The results of one client's requests, in order.
async fn in_turn<const N: usize>(server: &Server, methods: [Method; N]) -> [Answer; N] {
    let client = client(&limits());
    let mut answers = [const { Ok((0, String::new())) }; N];
    for (method, answer) in methods.into_iter().zip(&mut answers) {
        *answer = fetch(&client, &limits(), method, &server.url()).await;
    }
    answers
}

fn counts(connections: usize, requests: usize, posts: usize) -> Counts {
    Counts { connections, requests, posts, open: 0 }
}

#[tokio::test]
async fn gets_share_a_connection() {
    for server in [Server::plain(Fault::None).await.unwrap(), Server::tls(Fault::None).await.unwrap()] {
        assert_eq!(in_turn(&server, [Method::GET, Method::GET, Method::GET]).await, [ok("ok"), ok("ok"), ok("ok")]);
        all_closed(&server).await;
        assert_eq!(server.counts(), counts(1, 3, 0));
    }
}

/// A body without an end.
struct Endless(#[expect(dead_code, reason = "to see when it is dropped")] Arc<()>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 8 << 10])))))
    }
}

#[tokio::test]
async fn a_request_that_a_peer_does_not_read_is_let_go() {
    for tls in [false, true] {
        let server =
            if tls { Server::tls(Fault::NeverReads).await } else { Server::plain(Fault::NeverReads).await }.unwrap();
        let held = Arc::new(());
        let body: WasiBody = Endless(Arc::clone(&held)).boxed_unsync();
        let request = Request::post(server.url()).body(body).unwrap();
        // The client checks only once its own wait is over, too.
        let limits = Limits { idle: Duration::from_millis(500), ..limits() };
        let answer =
            client(&limits).send(request, AddressScope::Public, Timeouts::new(&limits, None, Instant::now())).await;
        assert!(matches!(answer.map_err(Error::from), Err(Error::ConnectionReadTimeout)));
        let let_go = async {
            while Arc::strong_count(&held) > 1 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(1), let_go).await.unwrap_or_else(|_| panic!("over TLS {tls}: the request is held"));
    }
}

#[tokio::test]
async fn gets_with_a_body_share_no_connection() {
    let server = Server::plain(Fault::None).await.unwrap();
    let (client, limits) = (client(&limits()), limits());
    for _ in 0..2 {
        let body: WasiBody =
            Full::new(Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n")).map_err(|e| match e {}).boxed_unsync();
        let request = Request::get(server.url()).header(CONTENT_LENGTH, 18).body(body).unwrap();
        let answer = client.send(request, AddressScope::Public, Timeouts::new(&limits, None, Instant::now())).await;
        assert_eq!(answer.map_err(Error::from).unwrap().status(), 200);
    }
    assert_eq!(server.counts().connections, 2);
}

#[tokio::test]
async fn posts_share_no_connection() {
    let server = Server::plain(Fault::None).await.unwrap();
    let answers = in_turn(&server, [Method::GET, Method::POST, Method::DELETE, Method::POST, Method::GET]).await;
    assert_eq!(answers, std::array::from_fn(|_| ok("ok")));
    all_closed(&server).await;
    assert_eq!(server.counts(), counts(4, 5, 2));
}

/// The peer closes a kept-alive connection just when the client would reuse it.
#[tokio::test]
async fn a_stale_connection_does_not_make_the_outcome_of_a_post_unknown() {
    for n in 0..40 {
        let fault = if n % 2 == 0 { Fault::CloseAfterAnswer } else { Fault::CloseOnSecondRequest };
        let server = Server::plain(fault).await.unwrap();
        assert_eq!(in_turn(&server, [Method::GET, Method::POST]).await, [ok("ok"), ok("ok")]);
        all_closed(&server).await;
        assert_eq!(server.counts(), counts(2, 2, 1));
    }
}

#[tokio::test]
async fn a_get_that_was_sent_on_a_stale_connection_is_not_sent_again() {
    let server = Server::plain(Fault::CloseOnSecondRequest).await.unwrap();
    let answers = in_turn(&server, [Method::GET, Method::GET]).await;
    assert_eq!(answers, [ok("ok"), error("ConnectionTerminated")]);
    all_closed(&server).await;
    assert_eq!(server.counts(), counts(1, 2, 0));
}

#[tokio::test]
async fn what_follows_a_response_answers_no_other_request() {
    for _ in 0..20 {
        let server = Server::plain(Fault::LongBody).await.unwrap();
        assert_eq!(in_turn(&server, [Method::GET, Method::GET]).await, [ok("ok"), ok("ok")]);
    }
}
