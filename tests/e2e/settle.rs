//! `settle`: triggers whose answer was lost.

use std::time::Duration;

use host_harness::contract::{ErrorKind, Finished, Progress, Verdict};
use host_harness::{WatchEnd, WatchOutcome};
use http::StatusCode;
use serde_json::json;
use stitch_simulator::{Fault, Phase, Plan, Route};

use crate::command_line::CommandLine;
use crate::scenario::{SOURCE_ID, Scenario, finished, refused, running};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

fn ended(outcome: WatchOutcome) -> (Verdict, String) {
    match outcome.end {
        WatchEnd::Finished(Finished { verdict, report }) => (verdict, report.message),
        other => panic!("no verdict: {other:?}"),
    }
}

/// A trigger that took effect and whose answer was lost, of a paused source.
async fn lost(fault: Fault) -> Scenario {
    let scenario = Scenario::new(|account| {
        account.source(SOURCE_ID).paused().plan(Plan::fails(Phase::Tap, 1, "no such table"));
    });
    let scenario = scenario.await;
    scenario.simulator.fault(fault);
    assert_eq!(refused(scenario.trigger().await).kind, ErrorKind::OutcomeUnknown);
    scenario
}

/// The faults that lose an answer.
fn losses() -> [Fault; 4] {
    let says = |status| Fault::on(Route::StartJob).status(status).with_effect();
    [
        Fault::on(Route::StartJob).reset(),
        says(StatusCode::REQUEST_TIMEOUT),
        says(StatusCode::BAD_GATEWAY),
        says(StatusCode::GATEWAY_TIMEOUT),
    ]
}

#[tokio::test]
async fn a_job_that_nobody_heard_of_and_has_ended_is_found_and_not_started_twice() {
    for fault in losses() {
        let scenario = lost(fault).await;
        scenario.simulator.advance(HOUR);
        let finished = finished(scenario.settle(HOUR + SECOND).await);
        assert_eq!(finished.verdict, Verdict::Failed);
        assert_eq!(
            finished.report.message,
            "source 120643 (hubspot_120643): the tap failed with exit status 1: no such table"
        );
        assert_eq!((scenario.jobs(), scenario.simulator.count(Route::StartJob)), (1, 1));
    }
}

#[tokio::test]
async fn one_that_runs_is_joined_until_it_ends() {
    for fault in losses() {
        let scenario = lost(fault).await;
        scenario.simulator.advance(SECOND);
        let run = running(scenario.settle(SECOND).await).run;
        let (verdict, message) = ended(scenario.resumed(run).await);
        assert_eq!(verdict, Verdict::Failed, "{message}");
        assert_eq!(scenario.jobs(), 1);
    }
}

#[tokio::test]
async fn one_that_settling_started_long_after_the_trigger_is_found_though_that_answer_is_lost_too() {
    for fault in losses() {
        for (later, told, verdict) in [
            (SECOND, true, Verdict::Failed),
            (HOUR, true, Verdict::Failed),
            // A call whose age is not passed cannot be attributed.
            (SECOND, false, Verdict::Unknown),
            (HOUR, false, Verdict::Unknown),
        ] {
            let scenario = lost(Fault::on(Route::StartJob).reset().without_effect()).await;
            scenario.simulator.advance(HOUR);
            scenario.simulator.fault(fault.clone());
            let call = scenario.settle(HOUR).await;
            assert!(call.may_have_started());
            assert_eq!((refused(call).kind, scenario.jobs()), (ErrorKind::OutcomeUnknown, 1));
            scenario.simulator.advance(later);
            let ages = [HOUR + later, later];
            let found = match scenario.settle_again(if told { &ages } else { &ages[..1] }).await.outcome {
                Ok(Progress::Running(running)) => ended(scenario.resumed(running.run).await).0,
                Ok(Progress::Finished(finished)) => finished.verdict,
                Err(error) => panic!("{error}"),
            };
            assert_eq!(found, verdict, "{later:?} later");
            assert_eq!(scenario.jobs(), 1);
        }
    }
}

#[tokio::test]
async fn one_that_ran_before_the_trigger_is_joined_only_to_attach_to_it() {
    for (policy, verdict) in [("fail", Verdict::Unknown), ("skip", Verdict::Unknown), ("attach", Verdict::Succeeded)] {
        let long = Plan::succeeds().lasting(SECOND, HOUR, SECOND);
        let scenario = Scenario::new(|account| {
            account.source(SOURCE_ID).paused().start(long).expect("a job");
        });
        let scenario = scenario.await.with("on_already_running", policy);
        scenario.simulator.advance(HOUR / 2);
        let run = running(scenario.settle(SECOND).await).run;
        let (found, message) = ended(scenario.resumed(run).await);
        assert_eq!(found, verdict, "{policy}: {message}");
        let doubt = " began too early or too late to be of the trigger";
        assert_eq!(message.ends_with(doubt), verdict == Verdict::Unknown, "{message}");
    }
}

#[tokio::test]
async fn one_that_stitchs_own_schedule_may_have_started_is_not_claimed() {
    // Our trigger was refused because of the schedule's job, and that answer was lost.
    for ended in [false, true] {
        let scenario = Scenario::new(|account| {
            account.source(SOURCE_ID).job_in(SECOND, Plan::succeeds());
        });
        let (scenario, age) = (scenario.await, if ended { HOUR } else { 2 * SECOND });
        scenario.simulator.advance(age);
        let finished = finished(scenario.settle(age).await);
        assert_eq!(finished.verdict, Verdict::Unknown);
        assert!(
            finished.report.message.contains("stitch's own schedule may have started it"),
            "{}",
            finished.report.message
        );
        assert_eq!(scenario.jobs(), 1);
    }
}

#[tokio::test]
async fn one_that_began_about_when_it_was_triggered_is_neither_claimed_nor_followed_by_another() {
    let scenario = Scenario::new(|account| {
        account.source(SOURCE_ID).job_ago(HOUR, Plan::succeeds());
    });
    let scenario = scenario.await;
    let finished = finished(scenario.settle(Duration::from_secs(3_597)).await);
    assert_eq!(finished.verdict, Verdict::Unknown);
    assert!(finished.report.message.ends_with(" began about when it was triggered"), "{}", finished.report.message);
    assert_eq!((scenario.jobs(), scenario.simulator.count(Route::StartJob)), (1, 0));
}

#[tokio::test]
async fn the_longer_the_first_answer_takes_the_earlier_the_trigger_can_have_been() {
    let scenario = Scenario::new(|account| {
        account.source(SOURCE_ID).job_ago(HOUR, Plan::succeeds());
    });
    let scenario = scenario.await;
    scenario.simulator.fault(Fault::on(Route::ReadSource).delay(Duration::from_millis(300)));
    let finished = finished(scenario.settle(Duration::from_millis(3_593_900)).await);
    assert!(finished.report.message.ends_with(" began about when it was triggered"), "{}", finished.report.message);
}

#[tokio::test]
async fn the_command_line_settles_a_trigger_by_its_age_and_refuses_none() {
    let command_line = CommandLine::new(|account| {
        account.source(SOURCE_ID).paused().plan(Plan::fails(Phase::Tap, 1, "no such table"));
    })
    .await;
    command_line.scenario.simulator.fault(Fault::on(Route::StartJob).reset());
    let triggered = command_line.call("trigger", &[]).await;
    assert_eq!((triggered.code, &triggered.json()["error"]["kind"]), (Some(3), &json!("outcome_unknown")));
    command_line.scenario.simulator.advance(HOUR);
    let settled = command_line.call("settle", &["--age", "1h 1s"]).await;
    assert_eq!((settled.code, &settled.json()["verdict"]), (Some(1), &json!("failed")), "{}", settled.stderr);
    assert_eq!(command_line.scenario.jobs(), 1);
    let ageless = command_line.call("settle", &[]).await;
    assert_eq!(ageless.code, Some(2));
    assert!(ageless.stderr.contains("--age <TIME>"), "{}", ageless.stderr);
    let unread = command_line.call("settle", &["--age", "soon"]).await;
    assert_eq!(unread.code, Some(2));
    assert!(unread.stderr.contains("invalid value 'soon' for '--age <TIME>'"), "{}", unread.stderr);
}
