//! `poll`: every decision.

use std::time::Duration;

use host_harness::contract::{ErrorKind, StepStatus, Value, Verdict};
use host_harness::{CallError, Limit, Limits, Size, WatchEnd};
use http::StatusCode;
use plugin_tests::compile_cache::host;
use stitch_simulator::{Answer, ErrorBody, Fault, Phase, Plan, Route, departures};

use crate::artifact;
use crate::scenario::{SMALL, SOURCE_ID, Scenario, finished, huge, refused, running, said};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_sync_that_succeeds_is_watched_from_its_start_to_its_end() {
    let scenario = Scenario::new(|account| {
        account.source(SOURCE_ID).job_ago(Duration::from_hours(5), Plan::fails(Phase::Tap, 1, "an older job"));
    });
    let scenario = scenario.await;
    let run = scenario.started().await;
    let progress = running(scenario.poll_after(Duration::from_secs(20), &run).await);
    assert_eq!(progress.report.message, "source 120643: the extraction is running");
    let finished = finished(scenario.poll_after(MINUTE, &progress.run).await);
    assert_eq!(finished.verdict, Verdict::Succeeded);
    let report = finished.report;
    assert_eq!(report.message, "source 120643: the extraction succeeded");
    assert_eq!(report.started_at.as_deref(), Some("2026-01-05T09:00:00Z"));
    assert_eq!(report.completed_at.as_deref(), Some("2026-01-05T09:01:00Z"));
    let steps: Vec<_> = report.steps.iter().map(|step| (step.name.as_str(), step.status, step.exit_code)).collect();
    let succeeded = StepStatus::Succeeded;
    assert_eq!(steps, [("discovery", succeeded, Some(0)), ("tap", succeeded, Some(0)), ("target", succeeded, Some(0))]);
}

#[tokio::test]
async fn a_poll_that_an_answer_drives_into_its_memory_is_made_again() {
    let mut scenario = Scenario::planned(Plan::succeeds()).await;
    let host = host(Limits { memory: Size(SMALL), ..Limits::default() });
    let plugin = host.load(artifact::plugin()).expect("the plugin loads");
    scenario.plugin = plugin.allow([scenario.simulator.url().parse().expect("an origin")]);
    let run = scenario.started().await;
    scenario.simulator.fault(Fault::on(Route::ListExtractions).answer(huge()).times(2));
    let error = scenario.poll_after(Duration::from_secs(20), &run).await.outcome.expect_err("too large an answer");
    assert!(matches!(&error, CallError::LimitExceeded { exceeded, .. } if exceeded.limit == Limit::Memory), "{error}");
    // The second job starts during the watch.
    match scenario.resumed(run).await.end {
        WatchEnd::Finished(finished) => assert_eq!(finished.verdict, Verdict::Succeeded),
        other => panic!("no verdict: {other:?}"),
    }
}

#[tokio::test]
async fn a_phase_that_fails_fails_the_run_in_its_own_words() {
    for (phase, name) in [(Phase::Discovery, "discovery"), (Phase::Tap, "tap"), (Phase::Target, "target")] {
        let scenario = Scenario::planned(Plan::fails(phase, 137, "out of memory\nat line 7")).await;
        let (verdict, report) = scenario.ended().await;
        assert_eq!(verdict, Verdict::Failed);
        assert_eq!(report.message, format!("source 120643: the {name} failed with exit status 137: out of memory"));
        let failed: Vec<_> = report.steps.iter().filter(|step| step.status == StepStatus::Failed).collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].message.as_deref(), Some("out of memory\nat line 7"));
    }
}

#[tokio::test]
async fn a_phase_that_failed_fails_the_run_before_it_is_completed() {
    let scenario = Scenario::new(|account| {
        account.list_running_jobs().source(SOURCE_ID);
    });
    let scenario = scenario.await;
    scenario.simulator.rewrite(|route, answer| {
        if route == Route::ListExtractions {
            answer.rows_mut().for_each(|row| row["discovery_exit_status"] = 3.into());
        }
    });
    let run = scenario.started().await;
    let finished = finished(scenario.poll_after(Duration::from_secs(20), &run).await);
    assert_eq!((finished.verdict, finished.report.completed_at), (Verdict::Failed, None));
}

#[tokio::test]
async fn a_running_job_that_is_listed_shows_its_phase() {
    let scenario = Scenario::new(|account| {
        account.list_running_jobs().source(SOURCE_ID);
    });
    let scenario = scenario.await;
    let run = scenario.started().await;
    let progress = running(scenario.poll_after(Duration::from_secs(20), &run).await);
    let statuses: Vec<_> = progress.report.steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses, [StepStatus::Succeeded, StepStatus::Running, StepStatus::Pending]);
}

#[tokio::test]
async fn a_terminated_job_was_cancelled() {
    let (verdict, report) = Scenario::planned(Plan::terminated()).await.ended().await;
    assert_eq!(verdict, Verdict::Cancelled);
    assert_eq!(report.message, "source 120643: stitch ended the extraction before its end: Terminated");
    assert!(report.steps.iter().all(|step| step.status == StepStatus::Cancelled), "{:?}", report.steps);
}

#[tokio::test]
async fn a_superseded_job_is_unknown_and_the_later_one_is_told() {
    let later = Plan::fails(Phase::Tap, 1, "the later job's");
    let scenario = Scenario::planned(Plan::succeeds().followed_by(Duration::ZERO, later)).await;
    let run = scenario.started().await;
    let finished = finished(scenario.poll_after(Duration::from_mins(10), &run).await);
    assert_eq!(finished.verdict, Verdict::Unknown);
    assert!(finished.report.message.starts_with("source 120643: how the extraction ended is not known: a later job, "));
    let verdict = finished.report.metadata.iter().find(|field| field.name == "superseded_by_verdict");
    assert_eq!(verdict.map(|field| &field.value), Some(&Value::Text("failed".to_owned())));
}

#[tokio::test]
async fn names_that_hold_no_time_are_told_apart_all_the_same() {
    let later = Plan::succeeds();
    for (after, verdict) in [(MINUTE, Verdict::Succeeded), (Duration::from_mins(10), Verdict::Unknown)] {
        let scenario = Scenario::new(|account| {
            let source = account.source(SOURCE_ID);
            source.job_ago(Duration::from_hours(5), Plan::succeeds());
            source.plan(Plan::fails(Phase::Tap, 1, "x").followed_by(Duration::from_mins(2), later.clone()));
        });
        let scenario = scenario.await;
        scenario.simulator.rewrite(departures::random_job_names);
        let run = scenario.started().await;
        let progress = running(scenario.poll_after(Duration::from_secs(20), &run).await);
        let finished = finished(scenario.poll_after(after, &progress.run).await);
        let expected = if verdict == Verdict::Succeeded { Verdict::Failed } else { verdict };
        assert_eq!(finished.verdict, expected);
    }
}

#[tokio::test]
async fn an_attached_run_is_told_apart_without_a_date() {
    let scenario = Scenario::new(|account| {
        let source = account.source(SOURCE_ID);
        source.job_ago(Duration::from_hours(5), Plan::fails(Phase::Tap, 1, "an older job"));
        source.start(Plan::succeeds()).expect("a job");
    });
    let scenario = scenario.await.with("on_already_running", "attach");
    scenario.simulator.rewrite(departures::without_date);
    assert_eq!(scenario.ended().await.0, Verdict::Succeeded);
}

#[tokio::test]
async fn what_the_documentation_leaves_open_makes_no_difference() {
    for departure in [
        departures::without_total_and_links,
        departures::ids_as_text,
        departures::tap_name,
        departures::unknown_fields,
        departures::random_job_names,
        departures::without_date,
    ] {
        let scenario = Scenario::planned(Plan::succeeds()).await;
        scenario.simulator.rewrite(departure);
        assert_eq!(scenario.ended().await.0, Verdict::Succeeded);
    }
}

#[tokio::test]
async fn a_poll_that_fails_says_nothing_about_the_run() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let run = scenario.started().await;
    let answer = |status, body: ErrorBody| Fault::on(Route::ListExtractions).answer(body.with_status(status));
    let html = ErrorBody::Html("502".to_owned());
    for (fault, kind, message) in [
        (answer(StatusCode::BAD_GATEWAY, html.clone()), ErrorKind::Unavailable, "Bad Gateway"),
        (
            answer(StatusCode::OK, html),
            ErrorKind::NotUnderstood,
            "stitch's answer was not understood: it is a web page (HTML), not JSON: see whether base_url is right, and what \
             signs in or stands in between",
        ),
        (
            Fault::on(Route::ListExtractions).reset(),
            ErrorKind::Unavailable,
            "stitch did not answer: the connection was closed; try again later",
        ),
        (
            Fault::on(Route::ListExtractions).truncated(),
            ErrorKind::Unavailable,
            "stitch did not answer: its answer broke off; try again later",
        ),
    ] {
        scenario.simulator.fault(fault);
        let error = refused(scenario.poll(&run).await);
        assert_eq!((error.kind, error.message.as_str()), (kind, message));
    }
    assert_eq!(finished(scenario.poll_after(MINUTE, &run).await).verdict, Verdict::Succeeded);
}

#[tokio::test]
async fn a_page_of_two_million_rows_that_are_none_is_read_in_the_memory_of_a_sandbox() {
    let mut scenario = Scenario::planned(Plan::succeeds()).await;
    // The time that it takes is not tested here.
    let host = host(Limits { cpu: Duration::from_secs(10), ..Limits::default() });
    let plugin = host.load(artifact::plugin()).expect("the plugin loads");
    scenario.plugin = plugin.allow([scenario.simulator.url().parse().expect("an origin")]);
    let run = scenario.started().await;
    let page = format!("{{\"data\": [{}0]}}", "0,".repeat(1_900_000));
    let answer = Answer::text(StatusCode::OK, "application/json", page);
    scenario.simulator.fault(Fault::on(Route::ListExtractions).answer(answer));
    running(scenario.poll(&run).await);
}

#[tokio::test]
async fn an_outage_is_ridden_out() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let bad_gateway = ErrorBody::Html("502".to_owned()).with_status(StatusCode::BAD_GATEWAY);
    scenario.simulator.fault(Fault::on(Route::ListExtractions).times(5).answer(bad_gateway));
    assert_eq!(scenario.ended().await.0, Verdict::Succeeded);
    assert_eq!(scenario.simulator.count(Route::StartJob), 1);
}

#[tokio::test]
async fn a_run_is_taken_up_again_where_another_process_left_it() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let run = scenario.started().await;
    let outcome = scenario.resumed(run).await;
    assert!(matches!(outcome.end, WatchEnd::Finished(finished) if finished.verdict == Verdict::Succeeded));
    assert_eq!(scenario.simulator.count(Route::StartJob), 1);
}

#[tokio::test]
async fn a_run_that_is_not_ours_is_refused() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let error = refused(scenario.poll(r#"{"job": 1}"#).await);
    let message = "run was not written by this plugin: hand in what trigger or poll returned, unchanged";
    assert_eq!(said(&error), (ErrorKind::InvalidInput, message, None));
    assert_eq!(scenario.simulator.requests().len(), 0);
}

#[tokio::test]
async fn a_long_run_keeps_to_the_budget_of_its_account() {
    let hours = Duration::from_hours(3);
    let scenario = Scenario::planned(Plan::succeeds().lasting(Duration::ZERO, hours, Duration::ZERO)).await;
    let outcome = scenario.watched().await;
    let budget = scenario.simulator.budget(crate::scenario::CLIENT_ID);
    assert!(!budget.is_exceeded(), "{budget:?}");
    assert!(outcome.requests < 120, "{} requests in three hours", outcome.requests);
}
