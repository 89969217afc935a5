//! Page search in the list of a large account, and its cost.

use std::time::Duration;

use host_harness::contract::Verdict;
use stitch_simulator::{Plan, Route};

use crate::scenario::{SOURCE_ID, Scenario, finished, running};

/// An account whose other sources lie evenly around ours.
async fn account_of(others: u64) -> Scenario {
    Scenario::new(|account| {
        account.with_sources((0..others).map(|number| 100_000 + number * 37).filter(|id| *id != SOURCE_ID));
        account.source(SOURCE_ID).job_ago(Duration::from_hours(5), Plan::succeeds());
        account.source(SOURCE_ID).plan(Plan::succeeds().lasting(
            Duration::ZERO,
            Duration::from_mins(30),
            Duration::ZERO,
        ));
    })
    .await
}

#[tokio::test]
async fn in_an_account_of_1000_the_first_poll_takes_at_most_5_requests_and_each_further_one_1() {
    let scenario = account_of(1_000).await;
    let mut run = scenario.started().await;
    let mut requests = Vec::new();
    for _ in 0..6 {
        let call = scenario.poll_after(Duration::from_mins(1), &run).await;
        requests.push(call.requests.len());
        run = running(call).run;
    }
    assert!(requests[0] <= 5, "{requests:?}");
    assert!(requests[1..].iter().all(|count| *count == 1), "{requests:?}");
    let call = scenario.poll_after(Duration::from_mins(30), &run).await;
    assert_eq!(call.requests.len(), 1);
    assert_eq!(finished(call).verdict, Verdict::Succeeded);
}

#[tokio::test]
async fn a_source_that_was_never_listed_costs_no_more() {
    let scenario = Scenario::new(|account| {
        account.with_sources((0..1_000).map(|number| 100_000 + number * 37));
        account.source(SOURCE_ID).plan(Plan::succeeds().lasting(
            Duration::ZERO,
            Duration::from_mins(30),
            Duration::ZERO,
        ));
    });
    let scenario = scenario.await;
    let mut run = scenario.started().await;
    let mut requests = Vec::new();
    for _ in 0..3 {
        let call = scenario.poll_after(Duration::from_mins(1), &run).await;
        requests.push(call.requests.len());
        run = running(call).run;
    }
    assert!(requests[0] <= 5 && requests[1..] == [1, 1], "{requests:?}");
    assert_eq!(finished(scenario.poll_after(Duration::from_mins(30), &run).await).verdict, Verdict::Succeeded);
}

#[tokio::test]
async fn a_row_that_shifts_between_two_requests_is_found_in_the_same_poll() {
    let almost_sixty_days = Duration::from_mins(60 * 24 * 60 - 5);
    let scenario = Scenario::new(|account| {
        account.with_sources((2..=100).chain(200_000..200_250));
        // Listed for six more minutes.
        account.source(1).job_ago(almost_sixty_days, Plan::succeeds());
        account.source(SOURCE_ID).plan(Plan::succeeds());
    });
    let scenario = scenario.await;
    let run = scenario.started().await;
    // Our row is the first of page 2 until, between the looks at page 1 and page 2, a row of page 1 goes.
    scenario.simulator.before(Route::ListExtractions, 2, |world| {
        let later = world.now() + Duration::from_mins(10);
        world.advance_to(later);
    });
    let call = scenario.poll_after(Duration::from_mins(2), &run).await;
    assert!(call.requests.len() <= 5, "{:?}", call.requests);
    assert_eq!(finished(call).verdict, Verdict::Succeeded);
}
