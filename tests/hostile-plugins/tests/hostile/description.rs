//! Guests that lie about what they are.

use host_harness::Inputs;

use crate::scenario::{Scenario, finished};

#[tokio::test]
async fn calls_home_in_describe_reaches_nobody() {
    let call = Scenario::of("calls_home_in_describe").await.granting_also("http://127.0.0.1:1").describe().await;
    assert_eq!(call.outcome.expect("a descriptor").tool, "http_request_denied");
    assert_eq!(call.requests, []);
}

#[tokio::test]
async fn describes_itself_wrongly_is_refused() {
    let error = Scenario::of("describes_itself_wrongly").await.describe().await.outcome.expect_err("refused");
    assert_eq!(error.code(), "broken_contract");
}

#[tokio::test]
async fn changes_its_description_and_is_called_by_the_one_it_was_asked_with() {
    let scenario = Scenario::of("changes_its_description").await;
    let first = scenario.describe().await.outcome.expect("a descriptor");
    let second = scenario.describe().await.outcome.expect("a descriptor");
    assert_ne!(first.name, second.name);
    let arguments = Inputs::default().connection("base_url", "http://host").resolve(&first).expect("arguments");
    finished(scenario.plugin.trigger(&arguments).await);
}
