//! Guests that compute, wait, take memory or crash.

use std::time::Duration;

use host_harness::{Limit, Size};

use crate::scenario::{Scenario, assert_crashed, assert_ended, finished};

#[tokio::test]
async fn honest_page_is_read_within_its_processor_time() {
    assert_eq!(finished(Scenario::of("honest_page").await.trigger().await).report.message, "499500");
}

#[tokio::test]
async fn spins_is_ended_at_its_processor_time() {
    assert_ended(&Scenario::of("spins").await.trigger().await, Limit::Cpu);
}

#[tokio::test]
async fn spins_is_ended_at_its_deadline_where_its_processor_time_has_no_limit() {
    let scenario = Scenario::with_limits("spins", |limits| {
        limits.cpu = Duration::MAX;
        limits.call = Duration::from_millis(300);
    });
    assert_ended(&scenario.await.trigger().await, Limit::Call);
}

#[tokio::test]
async fn spins_in_describe_is_ended_at_its_processor_time() {
    assert_ended(&Scenario::of("spins_in_describe").await.describe().await, Limit::Cpu);
}

#[tokio::test]
async fn spins_between_requests_is_ended_when_all_its_turns_took_too_long() {
    let scenario = Scenario::of("spins_between_requests").await;
    let call = scenario.trigger().await;
    assert_ended(&call, Limit::Cpu);
    assert!(!call.requests.is_empty());
}

#[tokio::test]
async fn sleeps_on_a_clock_is_ended_at_its_deadline() {
    let scenario = Scenario::with_limits("sleeps_on_a_clock", |limits| limits.call = Duration::from_millis(300)).await;
    assert_ended(&scenario.trigger().await, Limit::Call);
}

#[tokio::test]
async fn allocates_without_end_is_ended_at_its_memory() {
    assert_ended(&Scenario::of("allocates_without_end").await.trigger().await, Limit::Memory);
}

#[tokio::test]
async fn grows_tables_is_ended_at_its_elements() {
    assert_ended(&Scenario::of("grows_tables").await.trigger().await, Limit::TableElements);
}

#[tokio::test]
async fn recurses_is_ended_at_its_stack() {
    assert_ended(&Scenario::of("recurses").await.trigger().await, Limit::Stack);
}

#[tokio::test]
async fn traps_is_an_error_of_that_call() {
    let call = Scenario::of("traps").await.trigger().await;
    assert_crashed(&call, "wasm trap: wasm `unreachable` instruction executed");
}

#[tokio::test]
async fn panics_is_an_error_of_that_call_and_its_words_are_kept() {
    let call = Scenario::of("panics").await.trigger().await;
    assert_crashed(&call, "wasm trap: wasm `unreachable` instruction executed");
    assert!(call.stderr.contains("on purpose"), "{}", call.stderr);
}

#[tokio::test]
async fn exits_is_an_error_of_that_call_and_no_success() {
    let call = Scenario::of("exits").await.trigger().await;
    assert_crashed(&call, "it exited with status 0");
}

#[tokio::test]
async fn keeps_state_finds_none_in_its_next_call() {
    let scenario = Scenario::of("keeps_state").await;
    for _ in 0..2 {
        assert_eq!(finished(scenario.trigger().await).report.message, "1");
    }
}

#[tokio::test]
async fn asks_for_huge_random_is_ended() {
    // The first is far less than the engine allows by itself.
    for size in [(64 << 10) + 1, 100_000_000] {
        let scenario = Scenario::of("asks_for_huge_random").await.sized(size);
        assert_ended(&scenario.trigger().await, Limit::Random);
    }
}

#[tokio::test]
async fn asks_for_huge_random_gets_what_the_limit_allows() {
    let scenario = Scenario::of("asks_for_huge_random").await.sized(64 << 10);
    assert_eq!(finished(scenario.trigger().await).report.message, "65536");
}

#[tokio::test]
async fn hoards_handles_is_ended() {
    // The first is far less than the engine allows by itself.
    for size in [1_000, 1_000_000] {
        let scenario = Scenario::of("hoards_handles").await.sized(size);
        assert_ended(&scenario.trigger().await, Limit::Handles);
    }
}

#[tokio::test]
async fn hoards_handles_gets_them_where_the_limit_is_raised() {
    let scenario = Scenario::with_limits("hoards_handles", |limits| limits.handles = 5_000).await.sized(1_000);
    assert_eq!(finished(scenario.trigger().await).report.message, "it has them");
}

#[tokio::test]
async fn allocates_without_end_is_ended_later_where_the_limit_is_raised() {
    let scenario = Scenario::with_limits("allocates_without_end", |limits| limits.memory = Size(64 << 20)).await;
    let error = scenario.trigger().await.outcome.expect_err("it is ended").to_string();
    assert_eq!(error, "the plugin's trigger went past the limit memory of 64 MiB and was ended");
}
