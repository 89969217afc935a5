//! Guests whose requests are too many, too large, too slow or not what they seem.

use std::time::{Duration, Instant};

use fault_server::Fault;
use host_harness::{Limit, Size};

use crate::scenario::{Scenario, assert_ended, assert_facts, finished, refused};

#[tokio::test]
async fn honest_is_answered() {
    let scenario = Scenario::of("honest").await.against(Fault::None).await;
    for _ in 0..2 {
        assert_facts(scenario.trigger().await, &[("status", "200"), ("body_length", "2")]);
    }
}

#[tokio::test]
async fn honest_is_told_that_its_peer_went_past_a_limit_and_the_engine_which() {
    let scenario = Scenario::with_limits("honest", |limits| {
        let wait = Duration::from_millis(150);
        (limits.connect, limits.first_byte, limits.idle, limits.request) = (wait, wait, wait, 2 * wait);
        (limits.response_headers, limits.response_body) = (Size(1 << 10), Size(1 << 10));
    });
    let mut scenario = scenario.await;
    for (fault, limit, code) in [
        (Fault::Mute, Limit::Connect, "destination_unavailable"),
        (Fault::MuteAfterRequest, Limit::FirstByte, "connection_read_timeout"),
        (Fault::MuteInBody, Limit::Idle, "body"),
        (Fault::DripBody(Duration::from_millis(10)), Limit::Request, "body"),
        (Fault::LargeHead(2), Limit::ResponseHeaders, "http_response_header_section_size"),
        (Fault::LargeHead(64), Limit::ResponseHeaders, "http_response_header_section_size"),
        (Fault::HugeLength, Limit::ResponseBody, "http_response_body_size"),
        (Fault::EndlessBody, Limit::ResponseBody, "body"),
    ] {
        // Over bare TCP, a mute peer is connected.
        scenario =
            if limit == Limit::Connect { scenario.against_tls(fault).await } else { scenario.against(fault).await };
        let call = scenario.trigger().await;
        assert_eq!(call.exceeded.iter().map(|exceeded| exceeded.limit).collect::<Vec<_>>(), [limit], "{call:?}");
        assert_eq!(refused(call).code, code, "{limit:?}");
    }
}

/// Each read takes processor time of the guest's, so that its peer could end its call with an answer in single bytes.
#[tokio::test]
async fn honest_reads_an_answer_in_single_bytes_within_its_processor_time() {
    let scenario = Scenario::with_limits("honest", |limits| limits.cpu = Duration::from_millis(100)).await;
    let scenario = scenario.against(Fault::ManyChunks(200_000)).await;
    assert_facts(scenario.trigger().await, &[("status", "200"), ("body_length", "200000")]);
}

#[tokio::test]
async fn honest_post_is_sent_once() {
    let scenario = Scenario::of("honest_post").await.against(Fault::None).await;
    assert_facts(scenario.trigger().await, &[("status", "200"), ("body_length", "2")]);
    assert_eq!(scenario.server.counts().posts, 1);
}

#[tokio::test]
async fn makes_requests_without_end_is_ended() {
    let scenario = Scenario::with_limits("makes_requests_without_end", |limits| limits.requests = 10).await;
    assert_ended(&scenario.trigger().await, Limit::Requests);
    assert_eq!(scenario.server.counts().requests, 10);
}

#[tokio::test]
async fn opens_requests_without_reading_is_ended_at_the_fifth() {
    let scenario = Scenario::of("opens_requests_without_reading").await;
    assert_ended(&scenario.trigger().await, Limit::ConcurrentRequests);
    assert!(scenario.server.counts().requests <= 4);
}

#[tokio::test]
async fn opens_requests_without_reading_may_open_four() {
    let scenario = Scenario::of("opens_requests_without_reading").await.sized(4);
    assert_eq!(finished(scenario.trigger().await).report.message, "4");
}

#[tokio::test]
async fn asks_for_33000_headers_is_ended() {
    // Fewer than a map of them can hold.
    let scenario = Scenario::of("asks_for_33000_headers").await.sized(20_000);
    assert_ended(&scenario.trigger().await, Limit::RequestHeaders);
}

#[tokio::test]
async fn asks_for_33000_headers_is_ended_by_what_a_map_of_them_can_hold() {
    let scenario = Scenario::with_limits("asks_for_33000_headers", |limits| {
        limits.request_headers = Size(64 << 20);
        limits.cpu = Duration::MAX;
    });
    assert_ended(&scenario.await.trigger().await, Limit::RequestHeaders);
}

#[tokio::test]
async fn sends_a_huge_header_is_ended() {
    assert_ended(&Scenario::of("sends_a_huge_header").await.sized(100 << 10).trigger().await, Limit::RequestHeaders);
}

#[tokio::test]
async fn sends_a_huge_header_is_ended_before_it_is_copied() {
    assert_ended(&Scenario::of("sends_a_huge_header").await.trigger().await, Limit::Answer);
}

#[tokio::test]
async fn sends_a_huge_header_is_answered_with_a_small_one() {
    let scenario = Scenario::of("sends_a_huge_header").await.against(Fault::None).await.sized(1 << 10);
    assert_facts(scenario.trigger().await, &[("status", "200"), ("body_length", "2")]);
}

#[tokio::test]
async fn sends_a_huge_body_is_ended() {
    assert_ended(&Scenario::of("sends_a_huge_body").await.trigger().await, Limit::RequestBody);
}

#[tokio::test]
async fn sends_a_huge_body_is_answered_with_a_small_one() {
    let scenario = Scenario::of("sends_a_huge_body").await.against(Fault::None).await.sized(64 << 10);
    assert_eq!(finished(scenario.trigger().await).report.message, "200");
}

#[tokio::test]
async fn drips_its_request_body_is_ended_at_the_time_of_one_request() {
    let scenario = Scenario::with_limits("drips_its_request_body", |limits| {
        limits.request = Duration::from_millis(500);
        limits.first_byte = Duration::MAX;
    });
    let scenario = scenario.await;
    let begun = Instant::now();
    assert_eq!(refused(scenario.trigger().await).code, "http_response_timeout");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn announces_a_body_and_sends_less_gets_no_answer() {
    let scenario = Scenario::of("announces_a_body_and_sends_less").await;
    assert_eq!(refused(scenario.trigger().await).code, "connection_terminated");
}

#[tokio::test]
async fn announces_two_content_lengths_is_not_sent() {
    let scenario = Scenario::of("announces_two_content_lengths").await;
    assert_eq!(refused(scenario.trigger().await).code, "refused_header");
    assert_eq!(scenario.server.counts().requests, 0);
}

#[tokio::test]
async fn raises_its_timeouts_and_waits_no_longer() {
    let scenario = Scenario::of("raises_its_timeouts").await.against(Fault::MuteAfterRequest).await;
    let call = scenario.trigger().await;
    assert_eq!(call.exceeded.iter().map(|exceeded| exceeded.limit).collect::<Vec<_>>(), [Limit::FirstByte]);
    assert_eq!(refused(call).code, "connection_read_timeout");
}

#[tokio::test]
async fn lowers_its_timeouts_and_goes_past_no_limit_of_the_host() {
    let scenario = Scenario::of("lowers_its_timeouts").await.against(Fault::MuteAfterRequest).await;
    let call = scenario.trigger().await;
    assert_eq!(call.exceeded, []);
    assert_eq!(refused(call).code, "connection_read_timeout");
}

#[tokio::test]
async fn sets_forbidden_headers_is_refused_each() {
    let scenario = Scenario::of("sets_forbidden_headers").await;
    let call = scenario.trigger().await;
    for head in scenario.server.heads() {
        assert!(!head.contains(": x\r\n"), "{head}");
    }
    assert_facts(
        call,
        &[
            ("connection", "refused_header"),
            ("host", "refused_header"),
            ("http2-settings", "refused_header"),
            ("keep-alive", "refused_header"),
            ("proxy-authorization", "refused_header"),
            ("proxy-connection", "refused_header"),
            ("te", "refused_header"),
            ("transfer-encoding", "refused_header"),
            ("upgrade", "refused_header"),
        ],
    );
}

#[tokio::test]
async fn smuggles_newlines_is_refused_each() {
    let scenario = Scenario::of("smuggles_newlines").await;
    let call = scenario.trigger().await;
    assert_eq!(scenario.server.counts().requests, 0, "{:?}", scenario.server.heads());
    assert_facts(
        call,
        &[
            ("header_value", "refused_header"),
            ("header_value_lf", "refused_header"),
            ("header_value_nul", "refused_header"),
            ("header_name", "refused_header"),
            ("method", "refused_method"),
            ("path", "refused_path"),
            ("space_in_path", "refused_path"),
            ("authority", "refused_authority"),
        ],
    );
}
