//! The rate limiter for engines: polls of many runs within the rate limit of their account.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host_harness::contract::{Descriptor, Progress, Verdict};
use host_harness::pipeline::RateLimiter;
use host_harness::store::Store;
use host_harness::{Arguments, Call, CallError, SystemClock};
use http::{HeaderValue, StatusCode};
use stitch_simulator::{Answer, Fault, Loading, Plan, Route, Source, Stream};

use crate::scenario::{CLIENT_ID, Scenario, id, running, text};

const RUNS: u64 = 40;
const HOUR: Duration = Duration::from_hours(1);

/// An account of many sources, each with a run that goes on.
struct Account {
    scenario: Scenario,
    descriptor: Descriptor,
    runs: Vec<(Arguments, String)>,
    path: PathBuf,
}

impl Account {
    async fn new(name: &str) -> Self {
        let lasting = |source: &mut Source| _ = source.plan(Plan::succeeds().lasting(HOUR, HOUR, HOUR));
        Self::of_runs(name, RUNS, "extraction", lasting).await
    }

    /// An account of so many sources, each with a run that waits for this.
    async fn of_runs(name: &str, count: u64, wait_for: &str, set_up: impl Fn(&mut Source)) -> Self {
        let scenario = Scenario::new(|account| (1..=count).for_each(|source| set_up(account.source(source)))).await;
        let mut runs = Vec::new();
        for source in 1..=count {
            let mut arguments = scenario.arguments();
            arguments.parameters = vec![id("source_id", source), text("wait_for", wait_for)];
            let run = running(scenario.plugin.trigger(&arguments).await).run;
            runs.push((arguments, run));
        }
        let descriptor = scenario.plugin.describe().await.outcome.expect("a descriptor");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("rate-limiter-{name}"));
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { scenario, descriptor, runs, path: folder.join("accounts.db") }
    }

    /// A rate limiter of a process of its own.
    fn limiter(&self) -> RateLimiter<SystemClock> {
        RateLimiter::new(Store::open(&self.path).expect("a store"), SystemClock::new()).expect("a rate limiter")
    }

    /// Polls all runs at once, by a rate limiter of their own.
    async fn poll_all(self: &Arc<Self>) -> Vec<Call<Progress>> {
        let limiter = self.limiter();
        let polls = (0..self.runs.len()).map(|index| {
            let (account, limiter) = (Arc::clone(self), limiter.clone());
            tokio::spawn(async move { account.poll(&limiter, index).await })
        });
        let polls: Vec<_> = polls.collect();
        let mut calls = Vec::new();
        for poll in polls {
            calls.push(poll.await.expect("no panic"));
        }
        calls
    }

    async fn poll(&self, limiter: &RateLimiter<SystemClock>, index: usize) -> Call<Progress> {
        let (arguments, run) = &self.runs[index];
        limiter.limited(&self.scenario.plugin, &self.descriptor, arguments).poll(run, Duration::MAX).await
    }

    fn requests(&self) -> usize {
        self.scenario.simulator.count(Route::ListExtractions)
    }
}

#[tokio::test]
async fn runs_that_are_due_at_the_same_time_are_polled_in_one_call() {
    let account = Arc::new(Account::new("together").await);
    let polls = account.poll_all().await;
    assert_eq!(polls.len(), 40);
    for poll in polls {
        running(poll);
    }
    assert_eq!(account.requests(), 1);
}

#[tokio::test]
async fn a_hundred_runs_that_wait_for_loads_are_told_in_one_call_whatever_they_ask_that_is_not_limited() {
    let loaded = Stream::new("ads").loading(Loading::After(Duration::from_secs(30)));
    let set_up = |source: &mut Source| _ = source.plan(Plan::succeeds()).stream(loaded.clone());
    let mut account = Account::of_runs("loads", 100, "load", set_up).await;
    account.scenario.simulator.advance(Duration::from_mins(10));
    let told = Arc::new(account);
    let extracted: Vec<_> = told.poll_all().await.into_iter().map(|call| running(call).run).collect();
    account = Arc::into_inner(told).expect("no poll is left");
    account.runs.iter_mut().zip(extracted).for_each(|((_, run), extracted)| *run = extracted);
    // A store in which nothing is spent yet.
    account.path.set_file_name("next.db");
    let told = Arc::new(account);
    for call in told.poll_all().await {
        let Ok(Progress::Finished(finished)) = call.outcome else { panic!("not finished: {:?}", call.outcome) };
        assert_eq!(finished.verdict, Verdict::Succeeded);
    }
    let simulator = &told.scenario.simulator;
    let routes = [Route::ListExtractions, Route::ListLoads, Route::ReadSource, Route::ListStreams];
    assert_eq!(routes.map(|route| simulator.count(route)), [1, 1, 100, 100]);
    assert_eq!(simulator.budget(CLIENT_ID).requests, 2);
}

#[tokio::test]
async fn a_poll_that_is_given_up_leaves_the_others_theirs() {
    let account = Account::new("given-up").await;
    let limiter = account.limiter();
    let given_up = tokio::time::timeout(Duration::from_millis(1), account.poll(&limiter, 0));
    let (given_up, poll) = tokio::join!(given_up, account.poll(&limiter, 1));
    running(poll);
    assert!(given_up.is_err(), "it was answered within a millisecond");
}

#[tokio::test]
async fn the_next_call_waits_until_the_budget_has_room_for_it() {
    let account = Account::new("next").await;
    let limiter = account.limiter();
    running(account.poll(&limiter, 0).await);
    let next = tokio::time::timeout(Duration::from_millis(500), account.poll(&limiter, 1)).await;
    assert!(next.is_err(), "a request each 20 s is allowed");
    assert_eq!(account.requests(), 1);
}

#[tokio::test]
async fn a_tool_that_answers_429_is_left_alone_by_all_runs_of_the_account_for_as_long_as_it_asks() {
    let account = Account::new("silent").await;
    let limiter = account.limiter();
    let mut refusal = Answer::empty(StatusCode::TOO_MANY_REQUESTS);
    refusal.headers.insert("retry-after", HeaderValue::from_static("3600"));
    account.scenario.simulator.fault(Fault::on(Route::ListExtractions).answer(refusal));
    let error = account.poll(&limiter, 0).await.outcome.expect_err("it is limited");
    assert!(matches!(&error, CallError::Task(error) if error.http_status == Some(429)), "{error}");
    let other = tokio::time::timeout(Duration::from_millis(500), account.poll(&limiter, 1)).await;
    assert!(other.is_err(), "it is asked in spite of that");
    assert_eq!(account.requests(), 1);
}
