//! Guests that lie about what they are.

use host_harness::{Inputs, Secret};

use crate::scenario::{Scenario, TOKEN};

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
async fn describes_its_secret_as_plain_and_is_not_called_with_it() {
    let call = Scenario::of("describes_its_secret_as_plain").await.describe().await;
    let inputs = Inputs::default().connection("base_url", "http://host").secret("token", Secret::new(TOKEN));
    let error = inputs.resolve(&call.outcome.expect("a descriptor")).expect_err("refused");
    assert_eq!(error.to_string(), "the plugin has no secret `token`");
}
