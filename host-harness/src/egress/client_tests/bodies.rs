//! Faults of the response body.

use fault_server::{Fault, GZIP_BOMB_BYTES, Server};
use http::Method;

use super::{DRIP, all, client, error, fetch, limits, ok, over_tcp, over_tls, tried};
use crate::{Limits, Size};

#[tokio::test]
async fn a_body_that_stalls_ends_at_the_idle_limit() {
    assert_eq!(all(Fault::MuteInBody).await, error("body: ConnectionReadTimeout"));
}

#[tokio::test]
async fn a_body_that_drips_ends_at_the_limit_of_the_request() {
    assert_eq!(all(Fault::DripBody(DRIP)).await, error("body: HttpResponseTimeout"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_incomplete() {
    assert_eq!(all(Fault::ShortBody).await, error("body: HttpResponseIncomplete"));
    assert_eq!(all(Fault::ResetInBody).await, error("body: HttpResponseIncomplete"));
}

#[tokio::test]
async fn over_tls_a_body_of_no_announced_length_that_is_cut_off_is_incomplete() {
    assert_eq!(over_tls(Fault::CutOff).await, error("body: HttpResponseIncomplete"));
    // TCP alone cannot show this.
    assert_eq!(over_tcp(Fault::CutOff).await, ok("ok"));
}

#[tokio::test]
async fn a_body_ends_where_it_was_announced_to_end() {
    assert_eq!(all(Fault::LongBody).await, ok("ok"));
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_at_once() {
    assert_eq!(all(Fault::HugeLength).await, error("HttpResponseBodySize(Some(1000))"));
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_cut_off() {
    assert_eq!(all(Fault::EndlessBody).await, error("body: HttpResponseBodySize(Some(1000))"));
    assert_eq!(all(Fault::EndlessChunks).await, error("body: HttpResponseBodySize(Some(1000))"));
}

#[tokio::test]
async fn a_body_of_single_bytes_is_a_body() {
    assert_eq!(all(Fault::ManyChunks(500)).await, ok(&"x".repeat(500)));
}

#[tokio::test]
async fn chunks_that_make_no_sense_are_an_error_of_the_transfer_coding() {
    for fault in [Fault::HugeChunk, Fault::EndlessChunkExtension, Fault::EndlessTrailers] {
        assert_eq!(all(fault).await, error("body: HttpResponseTransferCoding(None)"));
    }
}

#[tokio::test]
async fn a_chunk_size_without_end_ends_at_a_limit() {
    // The bytes come without a pause, so either limit may be the first.
    let limits = [error("body: ConnectionReadTimeout"), error("body: HttpResponseTimeout")];
    for server in [Server::plain(Fault::EndlessChunkSize).await, Server::tls(Fault::EndlessChunkSize).await] {
        let answer = tried(Method::GET, server.unwrap()).await;
        assert!(limits.contains(&answer), "{answer:?}");
    }
}

/// Nothing is decoded here, so what is small on the wire stays small.
#[tokio::test]
async fn a_gzip_bomb_does_not_go_off() {
    let server = Server::plain(Fault::GzipBomb).await.unwrap();
    let limits = Limits { response_body: Size(GZIP_BOMB_BYTES / 100), ..limits() };
    let (status, body) = fetch(&client(&limits), &limits, Method::GET, &server.url()).await.unwrap();
    assert_eq!(status, 200);
    assert!(body.starts_with('\u{1f}'), "it is still compressed");
}

#[tokio::test]
async fn a_gzip_bomb_that_is_too_large_even_so_is_refused() {
    assert_eq!(all(Fault::GzipBomb).await, error("HttpResponseBodySize(Some(1000))"));
}

#[tokio::test]
async fn an_echo_gives_back_what_was_sent() {
    let server = Server::plain(Fault::Echo).await.unwrap();
    let (_, body) = fetch(&client(&limits()), &limits(), Method::POST, &server.url()).await.unwrap();
    assert_eq!(server.heads(), [body]);
}
