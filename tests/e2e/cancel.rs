//! `cancel` stops our job and no other.

use std::time::Duration;

use host_harness::contract::{ErrorKind, NamedValue, Value, Verdict};
use stitch_simulator::{Plan, Route};

use crate::scenario::{SOURCE_ID, Scenario, finished, id, refused, running, text};

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

#[tokio::test]
async fn a_job_that_somebody_else_started_is_left_running_unless_that_is_asked_for() {
    for is_asked_for in [false, true] {
        let scenario = Scenario::new(|account| {
            account.source(SOURCE_ID).start(Plan::succeeds().lasting(HOUR, HOUR, HOUR)).expect("nothing runs");
        });
        let asked = NamedValue { name: "cancel_attached".to_owned(), value: Value::Boolean(is_asked_for) };
        let parameters = vec![id("source_id", SOURCE_ID), text("on_already_running", "attach"), asked];
        let scenario = scenario.await.with_parameters(parameters);
        let run = scenario.started().await;
        let call = scenario.plugin.cancel(&scenario.arguments(), &run).await;
        if is_asked_for {
            assert_eq!(
                running(call).report.message,
                "source 120643 (hubspot_120643): stitch was asked to stop the extraction"
            );
        } else {
            let error = refused(call);
            assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "attached"));
        }
        assert_eq!(scenario.simulator.count(Route::StopJob), usize::from(is_asked_for));
        assert_eq!(scenario.simulator.with(|world| world.source(SOURCE_ID).running_job().is_some()), !is_asked_for);
    }
}
