//! `cancel` stops our job and no other.

use std::time::Duration;

use host_harness::contract::Verdict;
use stitch_simulator::{Plan, Route};

use crate::scenario::{Scenario, finished, running};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_running_job_is_stopped_and_then_known_to_be_cancelled() {
    let scenario = Scenario::planned(Plan::succeeds().lasting(HOUR, HOUR, HOUR)).await;
    let run = scenario.started().await;
    let asked = running(scenario.plugin.cancel(&scenario.arguments(), &run).await);
    assert_eq!(asked.report.message, "source 120643: stitch was asked to stop the extraction");
    let finished = finished(scenario.poll_after(Duration::from_mins(1), &asked.run).await);
    assert_eq!(finished.verdict, Verdict::Cancelled);
}

#[tokio::test]
async fn a_job_that_has_ended_is_answered_with_its_verdict() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let run = scenario.started().await;
    scenario.simulator.advance(HOUR);
    let call = scenario.plugin.cancel(&scenario.arguments(), &run).await;
    assert_eq!(finished(call).verdict, Verdict::Succeeded);
    assert_eq!(scenario.simulator.count(Route::StopJob), 0);
}

#[tokio::test]
async fn a_later_job_of_the_source_is_left_alone() {
    let running_now = Plan::succeeds().lasting(HOUR, HOUR, HOUR);
    let scenario = Scenario::planned(Plan::succeeds().followed_by(Duration::ZERO, running_now)).await;
    let run = scenario.started().await;
    scenario.simulator.advance(Duration::from_mins(5));
    let call = scenario.plugin.cancel(&scenario.arguments(), &run).await;
    assert_eq!(finished(call).verdict, Verdict::Succeeded);
    assert_eq!(scenario.simulator.count(Route::StopJob), 0);
}
