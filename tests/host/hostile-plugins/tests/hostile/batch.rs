//! Guests that are polled for many runs at once.

use std::path::Path;
use std::time::Duration;

use host_harness::contract::{Progress, RequestBudget};
use host_harness::pipeline::RateLimiter;
use host_harness::store::Store;
use host_harness::{Arguments, Call, CallError, Limit, Secret, SystemClock};

use crate::scenario::{Scenario, TOKEN, assert_crashed, assert_ended};

type Polled = Call<Vec<Result<Progress, CallError>>>;

/// What the guest answers when it is polled for three runs.
async fn polled(guest: &str) -> Polled {
    Scenario::of(guest).await.poll_many(&["r1", "r2", "r3"]).await
}

/// What each of three results says: a run that goes on, a report or an error.
#[track_caller]
fn said(call: Polled) -> [String; 3] {
    let said = call.outcome.expect("results").into_iter().map(|result| match result {
        Ok(Progress::Running(running)) => running.run,
        Ok(Progress::Finished(finished)) => finished.report.message,
        Err(error) => error.to_string(),
    });
    said.collect::<Vec<_>>().try_into().expect("three results")
}

#[tokio::test]
async fn polls_many_honestly_has_a_result_for_each_run() {
    let call = polled("polls_many_honestly").await;
    assert_eq!(call.requests.len(), 1);
    assert!(call.outcome.expect("results").iter().all(|result| matches!(result, Ok(Progress::Finished(_)))));
}

#[tokio::test]
async fn polls_many_honestly_is_not_called_about_no_runs() {
    let call = Scenario::of("polls_many_honestly").await.poll_many(&[]).await;
    assert_eq!((call.outcome, call.requests.len()), (Ok(Vec::new()), 0));
}

#[tokio::test]
async fn polls_many_honestly_is_not_called_about_runs_of_two_connections() {
    let scenario = Scenario::of("polls_many_honestly").await;
    let own = scenario.arguments().await;
    let of_another = [own.clone().secret("token", Secret::new("another token")), own.clone().expose_secrets()];
    for other in of_another {
        let call = scenario.granted(&scenario.plugin).poll_many(&[(&own, "r1"), (&other, "r2")]).await;
        assert_eq!(call.requests, []);
        let told = "the plugin's poll-many was not called: its runs are not of one connection";
        assert_eq!(call.outcome.expect_err("not called").to_string(), told);
    }
}

#[tokio::test]
async fn polls_many_honestly_is_called_about_runs_whose_parameters_differ() {
    let scenario = Scenario::of("polls_many_honestly").await;
    let own = scenario.arguments().await;
    let other: Arguments = own.clone().secret_parameter("salt", Secret::new("made-up-salt"));
    let call = scenario.granted(&scenario.plugin).poll_many(&[(&own, "r1"), (&other, "r2")]).await;
    assert_eq!(call.outcome.expect("results").len(), 2);
    assert!(scenario.server.heads()[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")));
}

#[tokio::test]
async fn answers_too_few_results_is_not_taken() {
    let error = polled("answers_too_few_results").await.outcome.expect_err("not taken");
    assert_eq!(error.to_string(), "the plugin's poll-many broke the contract: it answers 2 results for 3 runs");
}

#[tokio::test]
async fn answers_too_many_results_is_not_taken() {
    let error = polled("answers_too_many_results").await.outcome.expect_err("not taken");
    assert_eq!(error.to_string(), "the plugin's poll-many broke the contract: it answers 4 results for 3 runs");
}

#[tokio::test]
async fn answers_too_many_results_is_ended_before_they_are_read() {
    let scenario = Scenario::of("answers_too_many_results").await.sized(50_000);
    assert_ended(&scenario.poll_many(&["r1", "r2"]).await, Limit::Answer);
}

#[tokio::test]
async fn puts_its_secret_into_one_of_its_runs_loses_that_one() {
    let guest = "puts_its_secret_into_one_of_its_runs";
    for scenario in [Scenario::of(guest).await, Scenario::of(guest).await.exposed()] {
        let told = "the plugin's poll-many broke the contract: its run holds the secret `token`";
        assert_eq!(said(scenario.poll_many(&["r1", "r2", "r3"]).await), [told, "r2", "r3"]);
    }
}

#[tokio::test]
async fn repeats_its_secret_in_every_result_has_none_to_show() {
    let guest = "repeats_its_secret_in_every_result";
    for scenario in [Scenario::of(guest).await, Scenario::of(guest).await.exposed()] {
        assert_eq!(said(scenario.poll_many(&["r1", "r2", "r3"]).await), ["the token is ***"; 3]);
    }
}

#[tokio::test]
async fn contradicts_itself_in_one_result_loses_that_run() {
    let told =
        "the plugin's poll-many broke the contract: it says that the run goes on, and gives nothing to poll it with";
    assert_eq!(said(polled("contradicts_itself_in_one_result").await), [told, "r2", "r3"]);
}

#[tokio::test]
async fn answers_a_huge_run_in_one_result_loses_that_one() {
    let scenario = Scenario::of("answers_a_huge_run_in_one_result").await.sized((4 << 10) + 1);
    let [first, others @ ..] = said(scenario.poll_many(&["r1", "r2", "r3"]).await);
    assert_eq!(first, "the plugin's poll-many went past the limit run of 4 KiB and was ended");
    assert_eq!(others, ["r2", "r3"]);
}

#[tokio::test]
async fn answers_a_huge_run_in_one_result_is_ended_before_it_is_read() {
    assert_ended(&polled("answers_a_huge_run_in_one_result").await, Limit::Answer);
}

#[tokio::test]
async fn spins_in_poll_many_is_ended_at_its_processor_time() {
    assert_ended(&polled("spins_in_poll_many").await, Limit::Cpu);
}

#[tokio::test]
async fn traps_in_poll_many_is_an_error_of_that_call() {
    assert_crashed(&polled("traps_in_poll_many").await, "wasm trap: wasm `unreachable` instruction executed");
}

#[tokio::test]
async fn traps_in_poll_many_is_polled_for_each_run_by_itself_where_runs_are_gathered() {
    let scenario = Scenario::of("traps_in_poll_many").await;
    let (plugin, arguments) = (scenario.granted(&scenario.plugin), scenario.arguments().await);
    let mut descriptor = plugin.describe().await.outcome.expect("a descriptor");
    descriptor.poll_budget = Some(RequestBudget { requests: 1_000, window_ms: 1_000, paths: Vec::new() });
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traps_in_poll_many.db");
    _ = std::fs::remove_file(&path);
    let limiter = RateLimiter::new(Store::open(&path).expect("a store"), SystemClock::new()).expect("a rate limiter");
    let poll = async |run| limiter.limited(&plugin, &descriptor, &arguments).poll(run, Duration::MAX).await.outcome;
    let (first, second, third) = tokio::join!(poll("r1"), poll("r2"), poll("r3"));
    for outcome in [first, second, third] {
        assert!(matches!(outcome, Ok(Progress::Finished(_))), "{outcome:?}");
    }
}
