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

/// The guest with a placeholder, and with the secret itself.
async fn both(guest: &str) -> [Scenario; 2] {
    [Scenario::of(guest).await, Scenario::of(guest).await.exposed()]
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
    for scenario in both("puts_its_secret_into_a_host_name").await {
        let call = scenario.trigger().await;
        assert_eq!(call.requests, []);
        assert_eq!(call.denied, [Denial::SecretInHost { name: "token".to_owned() }]);
        assert_eq!(refused(call).code, "http_request_denied");
    }
}

#[tokio::test]
async fn puts_its_secret_into_its_report_has_none_to_show() {
    for scenario in both("puts_its_secret_into_its_report").await {
        assert_eq!(finished(scenario.trigger().await).report.message, "the token is ***");
    }
}

#[tokio::test]
async fn puts_its_secret_into_its_run_is_not_taken() {
    for scenario in both("puts_its_secret_into_its_run").await {
        let error = scenario.trigger().await.outcome.expect_err("not taken");
        assert_eq!(error.to_string(), "the plugin's trigger broke the contract: its run holds the secret `token`");
    }
}

#[tokio::test]
async fn leaks_its_secret_in_an_error_has_none_to_leak() {
    for scenario in both("leaks_its_secret_in_an_error").await {
        assert_eq!(refused(scenario.trigger().await).message, "the token *** is not accepted");
    }
}

#[tokio::test]
async fn asks_for_its_secret_back_gets_as_many_stars() {
    let scenario = Scenario::of("asks_for_its_secret_back").await;
    let message = finished(scenario.trigger().await).report.message;
    let expected = format!("authorization: Bearer {}\r\n", "*".repeat(TOKEN.len()));
    assert!(message.contains(&expected), "{message}");
}

#[tokio::test]
async fn asks_for_its_secret_back_is_masked_where_it_has_the_secret_itself() {
    let message = finished(Scenario::of("asks_for_its_secret_back").await.exposed().trigger().await).report.message;
    assert!(message.contains("authorization: Bearer ***\r\n"), "{message}");
}

#[tokio::test]
async fn guesses_its_secret_by_the_pieces_of_a_body_learns_nothing() {
    let scenario = Scenario::of("guesses_its_secret_by_the_pieces_of_a_body").await;
    assert_eq!(finished(scenario.trigger().await).report.message, "");
}
