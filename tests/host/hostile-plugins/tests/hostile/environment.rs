//! Guests that look for what is around them.

use crate::scenario::{Scenario, assert_facts};

#[tokio::test]
async fn reads_files_and_environment_finds_nothing() {
    let call = Scenario::of("reads_files_and_environment").await.trigger().await;
    let nothing = [("files", "0"), ("written", "false"), ("variables", "0"), ("arguments", "0"), ("input", "0")];
    assert_facts(call, &nothing);
}

#[tokio::test]
async fn opens_a_socket_gets_none() {
    let scenario = Scenario::of("opens_a_socket").await;
    let call = scenario.trigger().await;
    let tried = ["connect", "listen", "udp", "bare tcp", "bare udp", "lookup"];
    assert_facts(call, &tried.map(|what| (what, "refused")));
    assert_eq!(scenario.server.counts().connections, 0);
}
