//! `poll-many`: many runs of an account in one call.

use std::time::Duration;

use host_harness::contract::{ErrorKind, Progress, Verdict};
use host_harness::{Arguments, Call, CallError, Limits, Plugin, Secret};
use plugin_tests::compile_cache::host;
use serde_json::{Value, json};
use stitch_simulator::{Loading, Phase, Plan, Route, Simulator, Stream, World};

use crate::artifact;
use crate::scenario::{CLIENT_ID, TOKEN, id, running, text};

/// An account in which each source has a run, the ids being those from 1 on.
struct Runs {
    simulator: Simulator,
    plugin: Plugin,
    waiting: Vec<(Arguments, String)>,
}

impl Runs {
    /// Starts the runs and lets ten minutes pass. Sources that `are_loaded` wait for the load.
    async fn started(count: u64, are_loaded: fn(u64) -> bool) -> Self {
        let mut world = World::new();
        let account = world.account(CLIENT_ID, TOKEN);
        account.with_sources(1..=count);
        for source in (1..=count).filter(|source| are_loaded(*source)) {
            account.source(source).stream(stream(source));
        }
        account.source(1).plan(plan(1));
        let simulator = Simulator::start(world).await.expect("the simulator starts");
        let plugin = host(Limits::default()).load(artifact::plugin()).expect("the plugin loads");
        let plugin = plugin.allow([simulator.url().parse().expect("an origin")]);
        let arguments = |source| {
            let wait_for = are_loaded(source).then(|| text("wait_for", "load"));
            let parameters = [id("source_id", source)].into_iter().chain(wait_for);
            Arguments::new(vec![text("base_url", &simulator.url())], parameters.collect())
                .secret("access_token", Secret::new(TOKEN))
        };
        // One is triggered. The others are written alike, since to trigger thousands takes a while.
        let first = running(plugin.trigger(&arguments(1)).await).run;
        let run_like_the_first = |source| {
            let job =
                simulator.with(|world| world.source(source).start(plan(source)).expect("it does not run").to_string());
            let mut run: Value = serde_json::from_str(&first).expect("a run in JSON");
            run["source_id"] = json!(source);
            run["job"] = json!(job);
            run.to_string()
        };
        let mut waiting = vec![(arguments(1), first.clone())];
        waiting.extend((2..=count).map(|source| (arguments(source), run_like_the_first(source))));
        simulator.advance(Duration::from_mins(10));
        Self { simulator, plugin, waiting }
    }

    /// Polls them until the calls have got to each, and returns what each was told, beside its source.
    async fn polled_to_the_last(&mut self) -> Vec<(u64, Result<Progress, CallError>)> {
        let mut sources: Vec<_> = (1..).take(self.waiting.len()).collect();
        let mut told = Vec::new();
        while !sources.is_empty() {
            let results = self.polled().await.outcome.expect("results");
            let (mut not_reached, mut left) = (Vec::new(), Vec::new());
            for ((result, source), waiting) in results.into_iter().zip(sources).zip(self.waiting.drain(..)) {
                match result {
                    Err(CallError::Task(error)) if error.code == "not_reached" => {
                        not_reached.push(source);
                        left.push(waiting);
                    }
                    result => told.push((source, result)),
                }
            }
            (sources, self.waiting) = (not_reached, left);
        }
        told
    }

    async fn polled(&self) -> Call<Vec<Result<Progress, CallError>>> {
        let runs: Vec<_> = self.waiting.iter().map(|(arguments, run)| (arguments, &**run)).collect();
        self.plugin.poll_many(&runs).await
    }
}

/// Every seventh lasts an hour, and of the others every third fails.
fn plan(source: u64) -> Plan {
    if source.is_multiple_of(7) {
        Plan::succeeds().lasting(Duration::ZERO, Duration::from_hours(1), Duration::ZERO)
    } else if source.is_multiple_of(3) {
        Plan::fails(Phase::Tap, 1, "boom")
    } else {
        Plan::succeeds()
    }
}

/// The verdict to which a plan comes within ten minutes, if any.
fn planned(source: u64) -> Option<Verdict> {
    let verdict = if source.is_multiple_of(3) { Verdict::Failed } else { Verdict::Succeeded };
    (!source.is_multiple_of(7)).then_some(verdict)
}

/// The stream of every fourth source has no news.
fn stream(source: u64) -> Stream {
    let is_quiet = source.is_multiple_of(4);
    Stream::new("ads").loading(if is_quiet { Loading::NothingNew } else { Loading::After(Duration::from_secs(30)) })
}

/// The verdict of a run that has ended, or None if it goes on.
#[track_caller]
fn verdict(result: &Result<Progress, CallError>) -> Option<Verdict> {
    match result {
        Ok(Progress::Finished(finished)) => Some(finished.verdict),
        Ok(Progress::Running(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn two_thousand_runs_of_an_account_are_polled_within_the_limits_of_a_call() {
    let mut runs = Runs::started(2_000, |_| false).await;
    let told = runs.polled_to_the_last().await;
    assert_eq!(told.len(), 2_000);
    for (source, result) in told {
        assert_eq!(verdict(&result), planned(source), "source {source}");
    }
    let requests = runs.simulator.count(Route::ListExtractions);
    // Until its page is known, a run is looked for from the first page on.
    assert!((20..=60).contains(&requests), "{requests} requests");
}

#[tokio::test]
async fn a_call_about_two_thousand_runs_leaves_what_the_budget_has_no_room_for_to_the_next_one() {
    let call = Runs::started(2_000, |_| false).await.polled().await;
    assert_eq!(call.requests.len(), 5);
    let is_left = |result: &Result<Progress, CallError>| {
        result.as_ref().is_err_and(|error| error.code() == "not_reached" && error.may_pass())
    };
    let (left, told): (Vec<_>, Vec<_>) = call.outcome.expect("results").into_iter().partition(is_left);
    assert!(told.iter().all(Result::is_ok));
    // The page of a run is guessed, and at the edge of a page not always well.
    assert!((495..=500).contains(&told.len()), "{} told, {} left", told.len(), left.len());
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_told_to_all_runs_after_one_request() {
    let runs = Runs::started(150, |_| false).await;
    runs.simulator.with(|world| {
        world.account(CLIENT_ID, "another token").revoke_tokens();
    });
    let call = runs.polled().await;
    assert_eq!(call.requests.len(), 1, "{:?}", call.requests);
    for result in call.outcome.expect("results") {
        let Err(CallError::Task(error)) = result else { panic!("not refused: {result:?}") };
        assert_eq!((error.kind, error.http_status), (ErrorKind::Unauthorized, Some(401)));
    }
}

#[tokio::test]
async fn why_a_request_could_not_be_made_is_told_to_each_run() {
    let mut runs = Runs::started(2, |_| false).await;
    for (arguments, _) in &mut runs.waiting {
        *arguments = arguments.clone().secret("access_token", Secret::new("of two\nlines"));
    }
    for result in runs.polled().await.outcome.expect("results") {
        let Err(CallError::Task(error)) = result else { panic!("not denied: {result:?}") };
        assert_eq!(error.kind, ErrorKind::Denied);
        assert!(error.message.contains("the secret `access_token` cannot be sent to "), "{}", error.message);
    }
}

#[tokio::test]
async fn runs_that_wait_for_loads_share_the_pages_of_loads_with_each_other() {
    let is_loaded = |source: u64| source.is_multiple_of(2);
    let mut runs = Runs::started(12, is_loaded).await;
    let results = runs.polled().await.outcome.expect("results");
    for ((result, source), (_, run)) in results.into_iter().zip(1..).zip(&mut runs.waiting) {
        // The load is looked at by the next poll.
        let expected = planned(source).filter(|verdict| !is_loaded(source) || *verdict == Verdict::Failed);
        assert_eq!(verdict(&result), expected, "source {source}");
        if let Ok(Progress::Running(running)) = result {
            *run = running.run;
        }
    }
    let results = runs.polled().await.outcome.expect("results");
    for (result, source) in results.iter().zip(1..) {
        // A stream without news is waited for.
        let is_quiet = is_loaded(source) && source.is_multiple_of(4);
        let expected = planned(source).filter(|verdict| !is_quiet || *verdict == Verdict::Failed);
        assert_eq!(verdict(result), expected, "source {source}");
    }
    assert_eq!((runs.simulator.count(Route::ListExtractions), runs.simulator.count(Route::ListLoads)), (2, 1));
}
