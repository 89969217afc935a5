//! Guests whose answers are too large or contradict themselves.

use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use host_harness::{CallError, Clock, Limit, PollPolicy, Size, WatchEnd, WatchEvent, WatchOutcome, Watcher};

use crate::scenario::{Scenario, assert_ended, finished, running};

#[tokio::test]
async fn returns_a_huge_report_is_ended_before_it_is_read() {
    assert_ended(&Scenario::of("returns_a_huge_report").await.sized(10_000_000).trigger().await, Limit::Answer);
}

#[tokio::test]
async fn returns_a_huge_report_needs_more_memory_than_it_has() {
    assert_ended(&Scenario::of("returns_a_huge_report").await.trigger().await, Limit::Memory);
}

#[tokio::test]
async fn returns_a_huge_report_is_read_where_the_limit_is_raised() {
    let scenario = Scenario::with_limits("returns_a_huge_report", |limits| limits.answer = Size(32 << 20)).await;
    assert_eq!(finished(scenario.sized(4 << 20).trigger().await).report.message.len(), 4 << 20);
}

#[tokio::test]
async fn returns_many_steps_is_ended() {
    assert_ended(&Scenario::of("returns_many_steps").await.trigger().await, Limit::Answer);
}

#[tokio::test]
async fn returns_many_steps_is_taken_with_a_few() {
    let scenario = Scenario::of("returns_many_steps").await.sized(100);
    assert_eq!(finished(scenario.trigger().await).report.steps.len(), 100);
}

#[tokio::test]
async fn answers_a_huge_run_is_ended() {
    let scenario = Scenario::of("answers_a_huge_run").await;
    assert_ended(&scenario.trigger().await, Limit::Answer);
    assert_ended(&scenario.sized((4 << 10) + 1).trigger().await, Limit::Run);
}

#[tokio::test]
async fn answers_a_huge_run_is_taken_up_to_what_the_contract_allows() {
    let scenario = Scenario::of("answers_a_huge_run").await.sized(4 << 10);
    assert_eq!(running(scenario.trigger().await).run.len(), 4 << 10);
}

/// Why the host does not take the guest's answer.
async fn contradiction(guest: &str) -> String {
    match Scenario::of(guest).await.trigger().await.outcome {
        Err(CallError::BrokenContract { reason, .. }) => reason,
        other => panic!("taken: {other:?}"),
    }
}

#[tokio::test]
async fn answers_an_empty_run_is_not_taken() {
    let reason = contradiction("answers_an_empty_run").await;
    assert_eq!(reason, "it says that the run goes on, and gives nothing to poll it with");
}

#[tokio::test]
async fn says_succeeded_after_a_failed_step_is_not_taken() {
    let reason = contradiction("says_succeeded_after_a_failed_step").await;
    assert_eq!(reason, "it says that the run succeeded, and its step `tap` is failed");
}

#[tokio::test]
async fn completes_before_it_started_is_not_taken() {
    let reason = contradiction("completes_before_it_started").await;
    assert_eq!(reason, "it says that the run was completed before it was started");
}

/// Time that passes when it is waited for.
#[derive(Default)]
struct Steps(Mutex<Duration>);

impl Clock for Steps {
    fn now(&self) -> Duration {
        *self.0.lock().expect("no panic")
    }

    async fn sleep(&self, time: Duration) {
        *self.0.lock().expect("no panic") += time;
    }
}

/// How a watch of a minute ends, and how often the guest said that its run goes on.
async fn watched(guest: &str) -> (WatchOutcome, usize) {
    let scenario = Scenario::of(guest).await;
    let policy = PollPolicy { timeout: Duration::from_mins(1), ..PollPolicy::default() };
    let (arguments, clock) = (scenario.arguments().await, Steps::default());
    let watcher = Watcher { plugin: &scenario.plugin, arguments: &arguments, policy: &policy, clock: &clock };
    let mut answers = 0;
    let count = |event: WatchEvent<'_>| answers += usize::from(matches!(event, WatchEvent::Running(_)));
    (watcher.run(count, pending()).await, answers)
}

#[tokio::test]
async fn asks_to_be_polled_at_once_for_ever_is_polled_once_a_second() {
    let (outcome, answers) = watched("asks_to_be_polled_at_once_for_ever").await;
    assert_eq!(outcome.end, WatchEnd::TimedOut { timeout: Duration::from_mins(1) });
    assert_eq!(answers, 61);
}

#[tokio::test]
async fn asks_for_an_endless_wait_is_given_up_at_once() {
    let (outcome, answers) = watched("asks_for_an_endless_wait").await;
    assert_eq!(outcome.end, WatchEnd::TimedOut { timeout: Duration::from_mins(1) });
    assert_eq!((answers, outcome.run.as_deref()), (1, Some("run")));
}
