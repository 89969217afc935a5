//! Airbyte syncs end to end: the real component in a real sandbox, over real HTTP, against the simulator.

mod scenario;

use std::path::Path;
use std::time::Duration;

use airbyte_simulator::{JobType, Plan};
use host_harness::contract::{ErrorKind, Verdict};
use http::StatusCode;
use plugin_tests::artifact::component;
use plugin_tests::conformance::assert_passes_every_check;
use plugin_tests::outcome::{finished, refused, running};

use crate::scenario::{CLIENT_SECRET, ID, Scenario};

/// As people choose them.
const PASSWORD: &str = r#"it's "quoted", with blanks"#;
const MINUTE: Duration = Duration::from_mins(1);
/// How long a trigger and settling it may take on a slow machine.
const LEEWAY: Duration = Duration::from_secs(30);

async fn planned(plan: Plan) -> Scenario {
    let scenario = Scenario::new("fail", |connection| {
        connection.plan(plan);
    });
    scenario.await
}

#[tokio::test]
async fn a_sync_ends_as_it_ended_at_airbyte() {
    for (plan, verdict, message) in [
        (Plan::succeeds(), Verdict::Succeeded, "the sync succeeded"),
        (Plan::succeeds().after_a_retry(), Verdict::Succeeded, "the sync succeeded"),
        (Plan::fails(), Verdict::Failed, "the sync failed: its page in airbyte tells why"),
        (Plan::is_cancelled(), Verdict::Cancelled, "the sync was cancelled"),
    ] {
        let scenario = planned(plan).await;
        let (found, report) = scenario.ended().await;
        assert_eq!((found, report.message), (verdict, format!("connection {ID}: {message}")));
        assert_eq!(scenario.started(), 1);
    }
}

#[tokio::test]
async fn a_job_that_runs_already_is_refused_attached_to_or_skipped() {
    for policy in ["fail", "attach", "skip"] {
        let scenario = Scenario::new(policy, |connection| {
            connection.run_by_itself(JobType::Sync, Plan::fails());
        });
        let scenario = scenario.await;
        match policy {
            "fail" => assert_eq!(refused(scenario.trigger().await).code, "already_running"),
            "skip" => assert_eq!(finished(scenario.trigger().await).verdict, Verdict::Skipped),
            _ => assert_eq!(scenario.ended().await.0, Verdict::Failed),
        }
        assert_eq!(scenario.started(), 0, "{policy}");
    }
}

#[tokio::test]
async fn a_running_sync_is_cancelled() {
    let scenario = planned(Plan::succeeds()).await;
    let run = running(scenario.trigger().await).run;
    running(scenario.cancel(&run).await);
    assert_eq!(finished(scenario.poll(&run).await).verdict, Verdict::Cancelled);
    assert_eq!(finished(scenario.cancel(&run).await).verdict, Verdict::Cancelled);
}

#[tokio::test]
async fn a_sync_that_was_only_attached_to_is_left_running_unless_that_is_asked_for() {
    let scenario = Scenario::new("attach", |connection| {
        connection.run_by_itself(JobType::Sync, Plan::succeeds());
    });
    let scenario = scenario.await;
    let run = running(scenario.trigger().await).run;
    assert_eq!(refused(scenario.cancel(&run).await).code, "attached");
    running(scenario.poll(&run).await);
    let scenario = scenario.cancelling_attached();
    running(scenario.cancel(&run).await);
    assert_eq!(finished(scenario.poll(&run).await).verdict, Verdict::Cancelled);
}

#[tokio::test]
async fn an_application_works_where_the_host_hands_its_secret_over_and_says_so_where_not() {
    let scenario = planned(Plan::succeeds()).await.by_application();
    let error = refused(scenario.trigger().await);
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(error.message.starts_with("the host did not let the client secret out: "), "{}", error.message);
    assert_eq!(scenario.started(), 0);

    let scenario = scenario.exposing_secrets();
    let call = scenario.trigger().await;
    assert!(!format!("{call:?}").contains(CLIENT_SECRET));
    let run = running(call).run;
    // Its first token has ended by now.
    scenario.simulator.advance(5 * MINUTE);
    assert_eq!(finished(scenario.poll(&run).await).verdict, Verdict::Succeeded);
}

#[tokio::test]
async fn a_self_managed_airbyte_is_reached_with_and_without_the_path_of_its_api() {
    for path in ["", "/", "/api", "/api/public/v1", "/api/public/v1/", "/api/v1"] {
        assert_eq!(Scenario::self_managed(path, None).await.ended().await.0, Verdict::Succeeded, "{path}");
    }
}

#[tokio::test]
async fn a_user_and_a_password_are_told_by_basic_and_the_password_is_shown_nowhere() {
    let scenario = Scenario::self_managed("", Some(("airbyte", PASSWORD))).await;
    let call = scenario.trigger().await;
    assert!(!format!("{call:?}").contains(PASSWORD));
    let run = running(call).run;
    scenario.simulator.advance(MINUTE);
    assert_eq!(finished(scenario.poll(&run).await).verdict, Verdict::Succeeded);
}

#[tokio::test]
async fn a_sync_that_nobody_heard_of_is_found_whether_it_runs_or_has_ended() {
    for plan in [Plan::succeeds().losing_its_answer(), Plan::succeeds().timing_out()] {
        for (later, verdict) in [(Duration::ZERO, None), (2 * MINUTE, Some(Verdict::Succeeded))] {
            let scenario = planned(plan.clone()).await;
            assert_eq!(refused(scenario.trigger().await).kind, ErrorKind::OutcomeUnknown);
            scenario.simulator.advance(later);
            let call = scenario.settle(later + LEEWAY).await;
            match verdict {
                None => drop(running(call)),
                Some(verdict) => assert_eq!(finished(call).verdict, verdict),
            }
            assert_eq!(scenario.posts(), 1, "it was sent twice");
        }
    }
}

#[tokio::test]
async fn a_sync_that_airbytes_own_schedule_may_have_started_is_not_claimed() {
    let scenario = Scenario::new("fail", |connection| {
        connection.scheduled().plan(Plan::succeeds().losing_its_answer());
    });
    let scenario = scenario.await;
    refused(scenario.trigger().await);
    let finished = finished(scenario.settle(LEEWAY).await);
    assert_eq!(finished.verdict, Verdict::Unknown);
    let reason = "job 1001 began since it was triggered, and airbyte's own schedule may have started it";
    assert!(finished.report.message.ends_with(reason), "{}", finished.report.message);
    assert_eq!(scenario.posts(), 1, "it was sent twice");
}

#[tokio::test]
async fn a_sync_that_airbyte_made_a_refresh_of_is_not_started_again() {
    let scenario = Scenario::new("fail", |connection| {
        connection.refreshing().plan(Plan::succeeds().losing_its_answer());
    });
    let scenario = scenario.await;
    refused(scenario.trigger().await);
    for later in [Duration::ZERO, 2 * MINUTE] {
        scenario.simulator.advance(later);
        let finished = finished(scenario.settle(later + LEEWAY).await);
        assert_eq!(finished.verdict, Verdict::Unknown);
        let reason = "job 1001, a refresh, may be what airbyte made of it";
        assert!(finished.report.message.ends_with(reason), "{}", finished.report.message);
    }
    assert_eq!(scenario.posts(), 1, "it was sent twice");
}

#[tokio::test]
async fn a_job_that_is_no_sync_is_in_the_way_though_no_list_of_syncs_shows_it() {
    for policy in ["fail", "attach", "skip"] {
        let scenario = Scenario::new(policy, |connection| {
            connection.run_by_itself(JobType::Clear, Plan::succeeds());
        });
        let call = scenario.await.trigger().await;
        match policy {
            "skip" => assert_eq!(finished(call).verdict, Verdict::Skipped),
            _ => assert_eq!(refused(call).code, "already_running", "{policy}"),
        }
    }
}

#[tokio::test]
async fn a_trigger_that_never_arrived_is_settled_by_the_first_sync() {
    let scenario = planned(Plan::succeeds()).await;
    for _ in 0..2 {
        running(scenario.settle(LEEWAY).await);
        assert_eq!(scenario.started(), 1);
    }
}

#[tokio::test]
async fn polls_ride_out_errors_of_airbyte() {
    let scenario = planned(Plan::succeeds()).await;
    let run = running(scenario.trigger().await).run;
    scenario.simulator.with(|account| account.answer_next(StatusCode::BAD_GATEWAY));
    assert_eq!(refused(scenario.poll(&run).await).kind, ErrorKind::Unavailable);
    running(scenario.poll(&run).await);
}

#[tokio::test]
async fn it_keeps_the_contract_by_every_check_of_its_kit() {
    let kit = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kit"));
    assert_passes_every_check(&component("airbyte-plugin"), kit).await;
}
