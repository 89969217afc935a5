//! Faults from the request to the end of the response head.

use fault_server::{Fault, Server};

use super::{DRIP, all, error, ok};

#[tokio::test]
async fn a_request_without_an_answer_ends_at_the_first_byte_limit() {
    assert_eq!(all(Fault::MuteAfterRequest).await, error("ConnectionReadTimeout"));
}

#[tokio::test]
async fn a_head_that_drips_ends_at_the_first_byte_limit() {
    assert_eq!(all(Fault::DripHead(DRIP)).await, error("ConnectionReadTimeout"));
}

#[tokio::test]
async fn a_flood_of_interim_responses_ends_at_the_first_byte_limit() {
    assert_eq!(all(Fault::EndlessContinue).await, error("ConnectionReadTimeout"));
    assert_eq!(all(Fault::EndlessEarlyHints).await, error("ConnectionReadTimeout"));
}

#[tokio::test]
async fn a_connection_that_breaks_off_before_the_head_is_over_is_terminated() {
    assert_eq!(all(Fault::ResetAfterRequest).await, error("ConnectionTerminated"));
    assert_eq!(all(Fault::CloseAfterRequest).await, error("ConnectionTerminated"));
    assert_eq!(all(Fault::ResetInHead).await, error("ConnectionTerminated"));
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let too_large = [Fault::EndlessHeaderLine, Fault::EndlessHeaders, Fault::LargeHead(65), Fault::LargeHead(1024)];
    for fault in too_large {
        assert_eq!(all(fault).await, error("HttpResponseHeaderSectionSize(None)"));
    }
    assert_eq!(all(Fault::LargeHead(63)).await, ok(""));
}

#[tokio::test]
async fn a_head_is_too_large_for_its_bytes_and_not_for_its_headers() {
    assert_eq!(all(Fault::ManyHeaders(5_000)).await, ok(""));
    assert_eq!(all(Fault::ManyHeaders(20_000)).await, error("HttpResponseHeaderSectionSize(None)"));
}

#[tokio::test]
async fn what_is_no_http_is_a_protocol_error() {
    assert_eq!(all(Fault::Http09).await, error("HttpProtocolError"));
    assert_eq!(all(Fault::GarbageStatusLine).await, error("HttpProtocolError"));
}

#[tokio::test]
async fn a_response_with_two_ends_is_a_protocol_error() {
    assert_eq!(all(Fault::ConflictingLengths).await, error("HttpProtocolError"));
    assert_eq!(all(Fault::LengthAndChunks).await, error("HttpProtocolError"));
}

#[tokio::test]
async fn a_header_line_that_is_folded_is_read() {
    assert_eq!(all(Fault::FoldedHeader).await, ok("ok"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::plain(Fault::None).await.unwrap();
    assert_eq!(all(Fault::Redirect(elsewhere.url())).await, Ok((307, String::new())));
    assert_eq!(elsewhere.counts().connections, 0);
}
