//! Guests that do with their secret what is not to be done with one.

use host_harness::{Denial, SecretPlace};

use crate::scenario::{Scenario, TOKEN, finished, origin, refused};

#[tokio::test]
async fn honest_has_its_secret_where_it_belongs() {
    let scenario = Scenario::of("honest").await;
    finished(scenario.trigger().await);
    assert!(scenario.server.heads()[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")));
}

#[tokio::test]
async fn sends_its_secret_base64_is_understood() {
    let scenario = Scenario::of("sends_its_secret_base64").await;
    finished(scenario.trigger().await);
    // "tok-3b1f0c9d-never-to-be-shown:x"
    let expected = "authorization: Basic dG9rLTNiMWYwYzlkLW5ldmVyLXRvLWJlLXNob3duOng=\r\n";
    assert!(scenario.server.heads()[0].contains(expected), "{}", scenario.server.heads()[0]);
}

/// Asserts that the guest's request was cut off for its secret in this place, and that nobody saw the secret.
async fn denied(scenario: Scenario, place: SecretPlace) {
    let other = origin(&scenario.other);
    let scenario = scenario.granting_also(&other);
    let call = scenario.trigger().await;
    match call.denied.as_slice() {
        [Denial::Secret { name, place: found, .. }] => assert_eq!((name.as_str(), *found), ("token", place)),
        other => panic!("not denied: {other:?}, {:?}", call.outcome),
    }
    assert_eq!(refused(call).code, "http_request_denied");
    let heads = [scenario.server.heads(), scenario.other.heads()].concat();
    assert!(!heads.concat().contains(TOKEN), "{heads:?}");
}

#[tokio::test]
async fn puts_its_secret_into_the_path_is_denied() {
    denied(Scenario::of("puts_its_secret_into_the_path").await, SecretPlace::Url).await;
}

#[tokio::test]
async fn puts_its_secret_into_the_query_is_denied() {
    denied(Scenario::of("puts_its_secret_into_the_query").await, SecretPlace::Url).await;
}

#[tokio::test]
async fn puts_its_secret_into_the_body_is_denied() {
    denied(Scenario::of("puts_its_secret_into_the_body").await, SecretPlace::Body).await;
}

#[tokio::test]
async fn puts_its_secret_into_the_body_across_chunks_is_denied() {
    denied(Scenario::of("puts_its_secret_into_the_body_across_chunks").await, SecretPlace::Body).await;
}

#[tokio::test]
async fn puts_its_secret_into_a_trailer_is_denied() {
    denied(Scenario::of("puts_its_secret_into_a_trailer").await, SecretPlace::Trailer).await;
}

#[tokio::test]
async fn puts_its_secret_into_a_header_name_is_denied() {
    denied(Scenario::of("puts_its_secret_into_a_header_name").await, SecretPlace::HeaderName).await;
}

#[tokio::test]
async fn puts_its_secret_into_another_origin_is_denied() {
    denied(
        Scenario::of("puts_its_secret_into_another_origin").await.with_secret_only_for_the_server(),
        SecretPlace::Header,
    )
    .await;
}

#[tokio::test]
async fn puts_its_secret_into_the_method_is_denied() {
    denied(Scenario::of("puts_its_secret_into_the_method").await, SecretPlace::Method).await;
}

#[tokio::test]
async fn puts_its_secret_into_a_host_name_is_denied_without_a_lookup() {
    let call = Scenario::of("puts_its_secret_into_a_host_name").await.trigger().await;
    assert_eq!(call.requests, []);
    assert!(!format!("{:?}", call.denied).contains(TOKEN));
    assert_eq!(refused(call).code, "http_request_denied");
}

#[tokio::test]
async fn puts_its_secret_into_its_report_has_none_to_show() {
    let call = Scenario::of("puts_its_secret_into_its_report").await.trigger().await;
    assert!(!finished(call).report.message.contains(TOKEN));
}

#[tokio::test]
async fn puts_its_secret_into_its_run_is_not_taken() {
    let error = Scenario::of("puts_its_secret_into_its_run").await.trigger().await.outcome.expect_err("not taken");
    assert_eq!(error.to_string(), "the plugin's trigger broke the contract: its run holds the secret `token`");
}

#[tokio::test]
async fn leaks_its_secret_in_an_error_has_none_to_leak() {
    let call = Scenario::of("leaks_its_secret_in_an_error").await.trigger().await;
    assert!(!refused(call).message.contains(TOKEN));
}

#[tokio::test]
async fn asks_for_its_secret_back_gets_it_overwritten() {
    let message = finished(Scenario::of("asks_for_its_secret_back").await.trigger().await).report.message;
    // The mask, which comes after, would leave three of them.
    let stars = "*".repeat(TOKEN.len());
    assert!(message.contains(&format!("authorization: Bearer {stars}\r\n")), "{message}");
}
