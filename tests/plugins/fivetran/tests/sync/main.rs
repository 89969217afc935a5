//! Fivetran syncs end to end: the real component in a real sandbox, over real HTTP, against the simulator.

mod scenario;

use std::path::Path;
use std::time::Duration;

use fivetran_simulator::{Plan, SetupState};
use host_harness::contract::{ErrorKind, Verdict};
use http::StatusCode;
use plugin_tests::artifact::component;
use plugin_tests::conformance::assert_passes_every_check;
use plugin_tests::outcome::{finished, refused, running};

use crate::scenario::{ID, SECRET, Scenario};

const MINUTE: Duration = Duration::from_mins(1);
/// How long a trigger and settling it may take on a slow machine.
const LEEWAY: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_sync_ends_as_it_ended_at_fivetran() {
    for (plan, verdict, message) in [
        (Plan::succeeds(), Verdict::Succeeded, "the sync succeeded"),
        (Plan::fails("Reconnect"), Verdict::Failed, "the sync failed: the source said no: Reconnect"),
        (Plan::breaks("Reconnect"), Verdict::Failed, "the sync failed: the source said no: Reconnect"),
        (Plan::is_put_off(MINUTE), Verdict::Succeeded, "the sync succeeded"),
        (Plan::is_paused(), Verdict::Cancelled, "the connection was paused before the sync ended"),
        (Plan::is_cancelled(), Verdict::Cancelled, "the sync was cancelled"),
    ] {
        let scenario = planned(plan).await;
        let (found, report) = scenario.ended().await;
        assert_eq!((found, report.message), (verdict, format!("connection {ID}: {message}")));
        assert!(report.metadata.iter().any(|fact| fact.name == "sync_id"), "{:?}", report.metadata);
        assert_eq!(scenario.started(), 1);
    }
}

#[tokio::test]
async fn without_a_history_a_sync_ends_as_the_times_of_its_connection_say() {
    for (plan, verdict, message) in [
        (Plan::succeeds(), Verdict::Succeeded, "the sync succeeded"),
        (Plan::fails("Reconnect"), Verdict::Failed, "the sync failed: Reconnect"),
        (Plan::is_put_off(MINUTE), Verdict::Succeeded, "the sync succeeded"),
        (Plan::is_paused(), Verdict::Cancelled, "the connection was paused before the sync ended"),
    ] {
        let scenario = Scenario::new("fail", |connection| {
            connection.without_history().plan(plan);
        });
        let (found, report) = scenario.await.ended().await;
        assert_eq!((found, report.message), (verdict, format!("connection {ID}: {message}")));
    }
}

#[tokio::test]
async fn a_later_sync_of_the_schedule_says_nothing_of_ours() {
    for (ours, verdict, by_times) in [
        (Plan::fails("Reconnect"), Verdict::Failed, Verdict::Unknown),
        (Plan::is_cancelled(), Verdict::Cancelled, Verdict::Succeeded),
    ] {
        for (history_is_shown, verdict) in [(true, verdict), (false, by_times)] {
            let scenario = planned(ours.clone()).await;
            let run = running(scenario.trigger().await).run;
            scenario.with_connection(|connection, now| {
                connection.sync_by_itself_at(now + 10 * MINUTE, Plan::succeeds());
                if !history_is_shown {
                    connection.without_history();
                }
            });
            scenario.simulator.advance(20 * MINUTE);
            assert_eq!(finished(scenario.poll(&run).await).verdict, verdict);
        }
    }
}

#[tokio::test]
async fn without_a_history_a_sync_that_left_no_trace_ends_as_unknown() {
    let scenario = Scenario::new("fail", |connection| {
        connection.without_history().plan(Plan::is_cancelled());
    });
    let scenario = scenario.await;
    scenario.with_connection(|connection, now| {
        connection.sync_by_itself_at(now + 10 * MINUTE, Plan::succeeds());
    });
    assert_eq!(scenario.ended().await.0, Verdict::Unknown);
    assert_eq!(scenario.started(), 1);
}

#[tokio::test]
async fn the_secret_is_swapped_inside_basic_credentials_and_shown_nowhere() {
    let scenario = Scenario::new("fail", |_| ()).await;
    let call = scenario.trigger().await;
    assert!(!format!("{call:?}").contains(SECRET));
    assert!(!running(call).run.contains("placeholder"));
    let scenario = Scenario::with_secret("another-secret", "fail", |_| ()).await;
    let error = refused(scenario.trigger().await);
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unauthorized, "API key or secret is invalid"));
    assert_eq!(scenario.check().await, ["key_accepted"]);
}

#[tokio::test]
async fn a_sync_that_runs_already_is_refused_attached_to_or_skipped() {
    for policy in ["fail", "attach", "skip"] {
        let scenario = Scenario::new(policy, |connection| {
            connection.sync_by_itself(Plan::fails("Reconnect"));
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
async fn what_cannot_sync_is_refused_and_nothing_is_started() {
    let paused = Scenario::new("fail", |connection| {
        connection.pause(true);
    });
    let incomplete = Scenario::new("fail", |connection| {
        connection.set_up(SetupState::Incomplete, None);
    });
    for (scenario, code) in [(paused.await, "paused"), (incomplete.await, "not_set_up")] {
        assert_eq!(refused(scenario.trigger().await).code, code);
        assert_eq!(scenario.started(), 0);
        assert_eq!(scenario.check().await.len(), 5);
    }
}

#[tokio::test]
async fn a_broken_connection_that_a_sync_mends_is_synced_where_that_is_asked_for() {
    for (mended, verdict) in [(true, Verdict::Succeeded), (false, Verdict::Failed)] {
        let scenario = Scenario::new("fail", |connection| {
            connection.set_up(SetupState::Broken, Some("Try a sync"));
            connection.plan(if mended { Plan::succeeds() } else { Plan::fails("Reconnect") });
        });
        let scenario = scenario.await.syncing_unready();
        let run = running(scenario.trigger().await).run;
        running(scenario.poll(&run).await);
        scenario.simulator.advance(MINUTE);
        if mended {
            scenario.with_connection(|connection, _| {
                connection.set_up(SetupState::Connected, None);
            });
        }
        assert_eq!(finished(scenario.poll(&run).await).verdict, verdict);
        assert_eq!(scenario.started(), 1);
    }
}

/// A scenario in which a sync does this.
async fn planned(plan: Plan) -> Scenario {
    Scenario::new("fail", |connection| {
        connection.plan(plan);
    })
    .await
}

/// A scenario with a manual schedule, whose trigger has started a sync though no answer said so.
async fn unheard(plan: Plan) -> Scenario {
    let scenario = Scenario::new("fail", |connection| {
        connection.scheduled_manually().plan(plan);
    });
    let scenario = scenario.await;
    assert_eq!(refused(scenario.trigger().await).kind, ErrorKind::OutcomeUnknown);
    assert_eq!(scenario.started(), 1);
    scenario
}

#[tokio::test]
async fn a_sync_that_nobody_heard_of_is_found_while_it_runs() {
    for plan in [Plan::succeeds().losing_its_answer(), Plan::succeeds().answered(StatusCode::GATEWAY_TIMEOUT)] {
        let scenario = unheard(plan).await;
        let run = running(scenario.settle(LEEWAY).await).run;
        scenario.simulator.advance(MINUTE);
        assert_eq!(finished(scenario.poll(&run).await).verdict, Verdict::Succeeded);
        assert_eq!(scenario.started(), 1);
    }
}

#[tokio::test]
async fn a_sync_that_nobody_heard_of_is_found_when_it_has_ended() {
    for (plan, verdict) in [
        (Plan::succeeds(), Verdict::Succeeded),
        (Plan::fails("Reconnect"), Verdict::Failed),
        (Plan::is_cancelled(), Verdict::Cancelled),
    ] {
        let scenario = unheard(plan.losing_its_answer()).await;
        scenario.simulator.advance(2 * MINUTE);
        assert_eq!(finished(scenario.settle(2 * MINUTE + LEEWAY).await).verdict, verdict);
        assert_eq!(scenario.started(), 1);
    }
}

#[tokio::test]
async fn a_sync_that_nobody_heard_of_and_fivetran_does_not_show_yet_is_waited_for() {
    let scenario = unheard(Plan::succeeds().losing_its_answer()).await;
    scenario.with_connection(|connection, _| {
        connection.shown_after(MINUTE / 2);
    });
    assert_eq!(refused(scenario.settle(LEEWAY).await).code, "too_early");
    scenario.simulator.advance(MINUTE / 2);
    running(scenario.settle(MINUTE / 2 + LEEWAY).await);
    assert_eq!(scenario.started(), 1);
}

#[tokio::test]
async fn beside_a_sync_that_waits_for_its_beginning_none_is_started() {
    let scenario = Scenario::new("fail", |connection| {
        connection.scheduled_manually().begins_after(10 * MINUTE).plan(Plan::succeeds().losing_its_answer());
    });
    let scenario = scenario.await;
    assert_eq!(refused(scenario.trigger().await).kind, ErrorKind::OutcomeUnknown);
    assert_eq!(refused(scenario.settle(LEEWAY).await).code, "too_early");
    scenario.simulator.advance(2 * MINUTE);
    assert_eq!(finished(scenario.settle(2 * MINUTE + LEEWAY).await).verdict, Verdict::Unknown);
    assert_eq!(scenario.started(), 1);
}

#[tokio::test]
async fn a_trigger_that_a_sync_was_in_the_way_of_is_refused() {
    let scenario = Scenario::new("fail", |connection| {
        connection.scheduled_manually().sync_by_itself(Plan::succeeds().lasting(60 * MINUTE));
    });
    let scenario = scenario.await;
    // The sync begins.
    scenario.with_connection(|_, _| ());
    scenario.simulator.advance(10 * MINUTE);
    assert_eq!(refused(scenario.settle(2 * MINUTE).await).code, "already_running");
    assert_eq!(scenario.started(), 0);
}

#[tokio::test]
async fn a_trigger_that_never_arrived_is_settled_by_the_first_sync() {
    let scenario = Scenario::new("fail", |connection| {
        connection.scheduled_manually();
    });
    let scenario = scenario.await;
    for ages in [&[2 * MINUTE][..], &[2 * MINUTE, Duration::ZERO]] {
        running(scenario.settle_again(ages).await);
        assert_eq!(scenario.started(), 1);
    }
}

#[tokio::test]
async fn beside_a_sync_of_the_schedule_nobody_knows_whether_the_trigger_arrived() {
    for (policy, history_is_shown) in [("fail", true), ("fail", false), ("attach", true), ("attach", false)] {
        let scenario = Scenario::new(policy, |connection| {
            connection.sync_by_itself(Plan::succeeds());
            if !history_is_shown {
                connection.without_history();
            }
        });
        let scenario = scenario.await;
        // The sync begins.
        scenario.with_connection(|_, _| ());
        for advanced in [Duration::ZERO, 2 * MINUTE] {
            scenario.simulator.advance(advanced);
            let settled = scenario.settle(advanced + LEEWAY).await;
            match (policy, advanced) {
                ("fail", _) => assert_eq!(finished(settled).verdict, Verdict::Unknown),
                (_, Duration::ZERO) => assert!(running(settled).report.message.ends_with("the sync is running")),
                _ => assert_eq!(finished(settled).verdict, Verdict::Succeeded),
            }
        }
        assert_eq!(scenario.started(), 0);
    }
}

#[tokio::test]
async fn polls_ride_out_errors_of_fivetran() {
    let scenario = Scenario::new("fail", |_| ()).await;
    let run = running(scenario.trigger().await).run;
    scenario.simulator.with(|account| account.answer_next(StatusCode::TOO_MANY_REQUESTS));
    let error = refused(scenario.poll(&run).await);
    assert_eq!((error.kind, error.retry_after_ms), (ErrorKind::Unavailable, Some(1_000)));
    running(scenario.poll(&run).await);
}

#[tokio::test]
async fn it_keeps_the_contract_by_every_check_of_its_kit() {
    let kit = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kit"));
    assert_passes_every_check(&component("fivetran-plugin"), kit).await;
}
