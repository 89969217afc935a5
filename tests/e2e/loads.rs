//! `wait_for = load`.

use std::time::Duration;

use host_harness::contract::{StepStatus, Verdict};
use stitch_simulator::{Account, Loading, Plan, Stream};

use crate::scenario::{CLIENT_ID, SOURCE_ID, Scenario};

async fn loading(streams: impl IntoIterator<Item = Stream>) -> Scenario {
    let streams: Vec<Stream> = streams.into_iter().collect();
    let set_up = |account: &mut Account| {
        let source = account.source(SOURCE_ID).named("adwords", "platform.adwords").plan(Plan::succeeds());
        for stream in streams {
            source.stream(stream);
        }
        account.source(7).stream(Stream::new("ads").loading(Loading::NothingNew));
    };
    Scenario::new(set_up).await.with("wait_for", "load")
}

fn stream(name: &str, loading: Loading) -> Stream {
    Stream::new(name).selected(Some(true)).loading(loading)
}

#[tokio::test]
async fn it_succeeds_when_all_selected_streams_are_loaded() {
    let later = Loading::After(Duration::from_mins(5));
    let scenario = loading([
        stream("ads", Loading::After(Duration::from_secs(30))),
        stream("clicks", later),
        Stream::new("never chosen").selected(None).loading(Loading::NothingNew),
        Stream::new("unchosen").selected(Some(false)).loading(Loading::NothingNew),
    ]);
    let scenario = scenario.await;
    let (verdict, report) = scenario.ended().await;
    assert_eq!(
        (verdict, report.message.as_str()),
        (Verdict::Succeeded, "source 120643 (adwords): extracted and loaded, 2 of 2 streams")
    );
    let steps: Vec<_> = report.steps.iter().map(|step| (step.name.as_str(), step.status)).collect();
    let succeeded = StepStatus::Succeeded;
    assert_eq!(steps, [("discovery", succeeded), ("tap", succeeded), ("target", succeeded), ("load", succeeded)]);
    assert!(!scenario.simulator.budget(CLIENT_ID).is_exceeded());
}

#[tokio::test]
async fn a_stream_with_nothing_new_is_said_and_is_no_failure() {
    let scenario =
        loading([stream("ads", Loading::NothingNew), stream("clicks", Loading::After(Duration::from_secs(1)))]).await;
    let (verdict, report) = scenario.ended().await;
    assert_eq!(verdict, Verdict::Succeeded);
    assert_eq!(report.message, "source 120643 (adwords): extracted; no new batch for 1 of 2 streams: ads");
    let waited = scenario.simulator.now().duration_since(stitch_simulator::World::START).as_secs() / 60;
    assert!((30..60).contains(&waited), "waited {waited} min");
}

#[tokio::test]
async fn a_load_that_fails_fails_the_run_in_the_warehouses_words() {
    let failing =
        Loading::FailsAfter(Duration::from_secs(30), stitch_simulator::load_error_state("[Simba] no such host"));
    let scenario = loading([stream("ads", failing), stream("clicks", Loading::After(Duration::from_secs(1)))]).await;
    let (verdict, report) = scenario.ended().await;
    assert_eq!(
        (verdict, report.message.as_str()),
        (Verdict::Failed, "source 120643 (adwords): loading ads failed: [Simba] no such host")
    );
}

#[tokio::test]
async fn an_extraction_that_fails_is_not_waited_for() {
    let scenario =
        Scenario::planned(Plan::fails(stitch_simulator::Phase::Tap, 1, "boom")).await.with("wait_for", "load");
    assert_eq!(scenario.ended().await.0, Verdict::Failed);
}
