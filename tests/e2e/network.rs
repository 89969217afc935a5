//! Network faults: a trigger is sent at most once, and no call outlasts its timeout.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use host_harness::contract::{ErrorKind, Progress};
use host_harness::{Arguments, Call, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::artifact;
use crate::scenario::{SOURCE_ID, TOKEN, id, plugin, refused, text};

/// The conduct of a server once it has read a request.
#[derive(Clone, Copy, Debug)]
enum Conduct {
    Close,
    Mute,
    HalfAStatusLine,
    NotHttp,
    OddHeader,
    HalfABody,
    DripABody,
    BadGateway,
}

impl Conduct {
    const ALL: [Self; 8] = [
        Self::Close,
        Self::Mute,
        Self::HalfAStatusLine,
        Self::NotHttp,
        Self::OddHeader,
        Self::HalfABody,
        Self::DripABody,
        Self::BadGateway,
    ];

    async fn answer(self, stream: &mut TcpStream) -> std::io::Result<()> {
        let answer: &[u8] = match self {
            Self::Close => return Ok(()),
            Self::Mute => return std::future::pending().await,
            Self::HalfAStatusLine => b"HTTP/1.1 2",
            Self::NotHttp => b"220 smtp.example.com ESMTP\r\n",
            Self::OddHeader => b"HTTP/1.1 200 OK\r\nx-rate limit: 5\r\ncontent-length: 2\r\n\r\n{}",
            Self::HalfABody | Self::DripABody => b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"job_name\":",
            Self::BadGateway => b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        };
        stream.write_all(answer).await?;
        if !matches!(self, Self::DripABody) {
            return Ok(());
        }
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stream.write_all(b" ").await?;
        }
    }
}

fn arguments(url: &str) -> Arguments {
    let arguments = Arguments::new(vec![text("base_url", url)], vec![id("source_id", SOURCE_ID)]);
    arguments.secret("access_token", Secret::new(TOKEN))
}

/// Triggers against a server that counts the POSTs that reach it.
async fn trigger_against(conduct: Conduct) -> (Call<Progress>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let posts = Arc::new(AtomicUsize::new(0));
    let counter = posts.clone();
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counter = counter.clone();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while stream.read_buf(&mut seen).await? > 0 {
                    if seen.ends_with(b"\r\n\r\n") {
                        counter.fetch_add(usize::from(seen.starts_with(b"POST ")), Ordering::Relaxed);
                        return conduct.answer(&mut stream).await;
                    }
                }
                std::io::Result::Ok(())
            });
        }
    });
    let call = plugin(&url).trigger(&arguments(&url)).await;
    server.abort();
    (call, posts.load(Ordering::Relaxed))
}

#[tokio::test]
async fn a_trigger_is_on_the_wire_once_whatever_the_server_does() {
    for conduct in Conduct::ALL {
        let (call, posts) = trigger_against(conduct).await;
        assert_eq!(posts, 1, "{conduct:?}: {:?}", call.outcome);
        assert!(call.outcome.is_err());
    }
}

#[tokio::test]
async fn what_was_sent_without_a_whole_answer_has_an_unknown_outcome() {
    for conduct in [Conduct::Close, Conduct::Mute, Conduct::HalfAStatusLine, Conduct::NotHttp, Conduct::HalfABody] {
        let error = refused(trigger_against(conduct).await.0);
        assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{conduct:?}: {}", error.message);
    }
}

#[tokio::test]
async fn what_cannot_be_read_as_http_is_named() {
    for (conduct, reason) in [
        (Conduct::NotHttp, "it begins with `220 smtp.example.com ESMTP`"),
        (Conduct::OddHeader, "its header `x-rate limit` has a name that is not one word"),
    ] {
        let error = refused(trigger_against(conduct).await.0);
        let what =
            "the request was sent and stitch did not answer: what came is not HTTP: see whether base_url is right";
        assert!(error.message.starts_with(what), "{}", error.message);
        assert!(error.message.ends_with(&format!("({reason})")), "{}", error.message);
    }
}

#[tokio::test]
async fn a_call_ends_at_its_deadline_though_bytes_keep_coming() {
    // Built before, so that building it does not count.
    artifact::plugin();
    let begun = Instant::now();
    let (call, _) = trigger_against(Conduct::DripABody).await;
    assert!(call.outcome.is_err());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_was_refused_never_left_and_is_safe_to_trigger_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = refused(plugin(&url).trigger(&arguments(&url)).await);
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert_eq!(
        error.message,
        "stitch was not reached: the connection was refused; try again later (nothing listens at its port)"
    );
}

#[tokio::test]
async fn a_handshake_that_fails_sent_nothing_and_the_message_says_what_the_peer_did() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                _ = stream.read(&mut [0; 4096]).await;
                _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
            });
        }
    });
    let call = plugin(&url).trigger(&arguments(&url)).await;
    server.abort();
    assert!(!call.may_have_started());
    let error = refused(call);
    assert_eq!((error.kind, error.may_have_started), (ErrorKind::Unavailable, false));
    assert_eq!(
        error.message,
        "stitch was not reached: there is no connection to it (it does not answer in TLS: its port may speak plain HTTP, for \
         which the URL begins with http://)"
    );
}
