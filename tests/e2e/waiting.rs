//! `on_not_running = wait`: a task that starts nothing, and waits for the next job that others start.

use std::time::Duration;

use host_harness::contract::{ErrorKind, Progress, Value, Verdict};
use stitch_simulator::{Account, Fault, Phase, Plan, Route};

use crate::scenario::{SOURCE_ID, Scenario, finished, refused, running};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A task that waits, of an account that is set up so.
async fn waiting(set_up: impl FnOnce(&mut Account)) -> Scenario {
    Scenario::new(set_up).await.with("on_not_running", "wait")
}

/// Nothing was started or stopped.
fn assert_only_reads(scenario: &Scenario) {
    assert_eq!([Route::StartJob, Route::StopJob].map(|route| scenario.simulator.count(route)), [0, 0]);
}

#[tokio::test]
async fn the_next_job_of_stitchs_schedule_is_waited_for_and_none_is_started() {
    for (plan, verdict) in [
        (Plan::succeeds(), Verdict::Succeeded),
        (Plan::fails(Phase::Tap, 1, "no such table"), Verdict::Failed),
        (Plan::terminated(), Verdict::Cancelled),
    ] {
        let scenario = waiting(|account| {
            let source = account.source(SOURCE_ID);
            source.job_ago(HOUR, Plan::fails(Phase::Tap, 1, "an older job")).job_in(2 * HOUR, plan);
        });
        let scenario = scenario.await;
        let (found, report) = scenario.ended().await;
        assert_eq!(found, verdict, "{}", report.message);
        assert_eq!(report.started_at.as_deref(), Some("2026-01-05T11:00:00Z"));
        let attached = report.metadata.iter().find(|field| field.name == "attached").map(|field| &field.value);
        assert_eq!(attached, Some(&Value::Boolean(true)));
        assert_only_reads(&scenario);
    }
}

#[tokio::test]
async fn a_job_that_runs_already_is_the_next_to_complete() {
    for listed in [false, true] {
        let scenario = waiting(|account| {
            account.source(SOURCE_ID).start(Plan::succeeds().lasting(HOUR, HOUR, HOUR)).expect("a job");
            if listed {
                account.list_running_jobs();
            }
        });
        let scenario = scenario.await;
        let (verdict, report) = scenario.ended().await;
        assert_eq!(verdict, Verdict::Succeeded, "{}", report.message);
        assert_eq!(report.started_at.as_deref(), Some("2026-01-05T09:00:00Z"));
        assert_only_reads(&scenario);
    }
}

#[tokio::test]
async fn a_job_that_a_person_starts_is_waited_for_with_its_loads() {
    let scenario = waiting(|account| {
        account.source(SOURCE_ID).paused().stream(stitch_simulator::Stream::new("customers"));
    });
    let scenario = scenario.await.with("wait_for", "load");
    let run = scenario.started().await;
    let waits = running(scenario.poll_after(5 * HOUR, &run).await);
    let message = "source 120643 (hubspot_120643): waits for the next extraction to complete, and starts none";
    assert_eq!(waits.report.message, message);
    scenario.simulator.with(|world| world.source(SOURCE_ID).start(Plan::succeeds())).expect("a job");
    let outcome = scenario.resumed(waits.run).await;
    assert!(
        matches!(outcome.end, host_harness::WatchEnd::Finished(finished) if finished.verdict == Verdict::Succeeded)
    );
    assert_only_reads(&scenario);
}

#[tokio::test]
async fn cancelling_stops_no_job_of_others() {
    for listed in [false, true] {
        let scenario = waiting(|account| {
            account.source(SOURCE_ID).start(Plan::succeeds().lasting(HOUR, HOUR, HOUR)).expect("a job");
            if listed {
                account.list_running_jobs();
            }
        });
        let scenario = scenario.await;
        let run = scenario.started().await;
        scenario.simulator.advance(MINUTE);
        let error = refused(scenario.plugin.cancel(&scenario.arguments(), &run).await);
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Rejected, "attached"));
        let message =
            "source 120643 (hubspot_120643): the task only waits for an extraction of others, so none is stopped";
        assert_eq!(error.message, message);
        assert_only_reads(&scenario);
    }
}

#[tokio::test]
async fn a_trigger_whose_answer_was_lost_waits_from_when_it_was_made() {
    let scenario = waiting(|account| {
        account.source(SOURCE_ID).job_in(10 * MINUTE, Plan::succeeds());
    });
    let scenario = scenario.await;
    scenario.simulator.fault(Fault::on(Route::ReadSource).reset().times(1));
    let call = scenario.trigger().await;
    assert!(!call.may_have_started());
    assert_eq!(refused(call).kind, ErrorKind::Unavailable);
    // The job has come and gone before the trigger is settled.
    scenario.simulator.advance(HOUR);
    let settled = scenario.settle(HOUR).await;
    assert!(!settled.may_have_started());
    let run = running(settled).run;
    assert_eq!(finished(scenario.poll_after(MINUTE, &run).await).verdict, Verdict::Succeeded);
    assert_only_reads(&scenario);
}

#[tokio::test]
async fn tasks_that_wait_are_told_together_what_they_are_told_alone() {
    let scenario = waiting(|account| {
        account.source(SOURCE_ID).job_in(10 * MINUTE, Plan::succeeds());
    });
    let scenario = scenario.await;
    let run = scenario.started().await;
    let arguments = scenario.arguments();
    for (time, is_running) in [(MINUTE, true), (HOUR, false)] {
        scenario.simulator.advance(time);
        let results =
            scenario.plugin.poll_many(&[(&arguments, &*run), (&arguments, &*run)]).await.outcome.expect("results");
        assert_eq!(results.len(), 2);
        for result in results {
            assert_eq!(matches!(result, Ok(Progress::Running(_))), is_running);
        }
    }
    assert_only_reads(&scenario);
}

#[tokio::test]
async fn a_source_that_was_deleted_is_refused() {
    let scenario = waiting(|account| {
        account.source(SOURCE_ID).deleted();
    });
    let error = refused(scenario.await.trigger().await);
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::NotFound, "invalid_source"));
    assert!(error.message.ends_with(", so there is no extraction to wait for"), "{}", error.message);
}
