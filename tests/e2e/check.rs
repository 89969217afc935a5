//! `check`: reports whether a sync could start.

use host_harness::contract::FindingStatus;
use stitch_simulator::{Account, Route};

use crate::scenario::{SOURCE_ID, Scenario};

/// The codes of the findings that are not ok.
async fn problems(scenario: &Scenario) -> Vec<String> {
    let findings = scenario.plugin.check(&scenario.arguments()).await.outcome.expect("findings");
    assert_eq!(scenario.simulator.count(Route::StartJob), 0);
    let not_ok = findings.into_iter().filter(|finding| finding.status != FindingStatus::Ok);
    not_ok.map(|finding| finding.code).collect()
}

async fn problems_of(set_up: impl FnOnce(&mut Account)) -> Vec<String> {
    problems(&Scenario::new(set_up).await).await
}

#[tokio::test]
async fn a_source_that_is_ready_and_paused_has_none() {
    let found = problems_of(|account| {
        account.source(SOURCE_ID).paused();
    });
    assert_eq!(found.await, Vec::<String>::new());
}

#[tokio::test]
async fn each_problem_of_a_source_is_found() {
    let deleted = problems_of(|account| {
        account.source(SOURCE_ID).paused().deleted();
    });
    assert_eq!(deleted.await, ["source_not_deleted"]);
    let not_configured = problems_of(|account| {
        account.source(SOURCE_ID).paused().not_fully_configured();
    });
    assert_eq!(not_configured.await, ["source_fully_configured"]);
    let paused_by_stitch = problems_of(|account| {
        account.source(SOURCE_ID).paused().system_paused();
    });
    assert_eq!(paused_by_stitch.await, ["source_not_paused_by_stitch"]);
    let scheduled = problems_of(|account| {
        account.source(SOURCE_ID);
    });
    assert_eq!(scheduled.await, ["own_schedule_off"]);
    assert_eq!(problems_of(|_| ()).await, ["source_exists"]);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_found() {
    let scenario = Scenario::new(|_| ()).await.with_token("another");
    assert_eq!(problems(&scenario).await, ["token_accepted"]);
}
