//! Random faults during a whole run: the watch ends, in time, with a true verdict, one trigger and no leaked secret. If
//! all faults are transient, it ends with a verdict.

use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use host_harness::contract::Verdict;
use host_harness::{Clock, PollPolicy, WatchEnd, WatchOutcome};
use http::StatusCode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stitch_simulator::{Answer, Delivery, Fault, Phase, Plan, Route, Stream, World};

use crate::scenario::{CALL, SOURCE_ID, Scenario, SimulatedClock, TOKEN, WAIT};

/// Parts of bodies, in place of or within what is documented.
const PIECES: [&str; 18] = [
    TOKEN,
    "tok\\u002d3b1f0c9d-never-to-be-shown",
    "\"",
    "{\"data\": [",
    "]}",
    "{\"job_name\": \"",
    "{\"error\": {\"type\": \"already_running\", \"message\": \"",
    "\"}",
    "\"}}",
    "null",
    "\"source_id\": 120643, ",
    "\"completion_time\": \"2026-01-05T09:00:30Z\", ",
    "\"total\": 18446744073709551615",
    "{}",
    ": ",
    "\\u0000\\u001b[2J",
    "\u{fffd}",
    "<html>",
];

/// The transient ones of the statuses that replace an answer's own.
const PASSING: [u16; 8] = [200, 408, 425, 429, 500, 502, 503, 504];

/// A fault of one request: the delay and the content of its answer, and the part that arrives.
#[derive(Clone, Debug)]
struct Misfortune {
    delay: Duration,
    answer: Option<(u16, String)>,
    delivery: Delivery,
    has_effect: bool,
}

impl Misfortune {
    /// Most requests have no fault, or a small one.
    fn of(status: impl Strategy<Value = u16>) -> impl Strategy<Value = Self> {
        let below = (1..WAIT.as_millis() / 4).prop_map(|ms| Duration::from_millis(ms.try_into().expect("a delay")));
        let above = prop::sample::select(vec![WAIT * 5 / 4, CALL * 5 / 4, Duration::from_mins(1)]);
        let delay = prop_oneof![40 => Just(Duration::ZERO), 10 => below, 1 => above];
        let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..8);
        let answer = (status, pieces).prop_map(|(status, pieces)| (status, pieces.concat()));
        let delivery =
            prop_oneof![8 => Just(Delivery::Whole), 1 => Just(Delivery::Truncated), 1 => Just(Delivery::Reset)];
        (delay, prop::option::weighted(0.4, answer), delivery, prop::bool::weighted(0.9))
            .prop_map(|(delay, answer, delivery, has_effect)| Self { delay, answer, delivery, has_effect })
    }

    fn any() -> impl Strategy<Value = Self> {
        Self::of(prop_oneof![Just(200), Just(401), Just(404), Just(429), 200_u16..600])
    }

    /// A transient fault: a retry may succeed.
    fn passing() -> impl Strategy<Value = Self> {
        Self::of(prop::sample::select(PASSING.to_vec()))
    }

    fn fault(self) -> Fault {
        let fault = Fault::anywhere().delay(self.delay);
        let fault = match self.answer {
            Some((status, body)) => {
                let status = StatusCode::from_u16(status).expect("a status");
                fault.answer(Answer::text(status, "application/json", body))
            }
            None if self.has_effect => fault,
            // A request without effect never arrived, so it gets no answer.
            None => return fault.reset().without_effect(),
        };
        match self.delivery {
            Delivery::Whole => fault,
            Delivery::Truncated => fault.truncated(),
            Delivery::Reset => fault.reset(),
        }
    }
}

/// A job, its true verdict, and the faults of its requests, in order.
#[derive(Clone, Debug)]
struct Case {
    plan: Plan,
    truth: Verdict,
    wait_for: &'static str,
    misfortunes: Vec<Misfortune>,
}

impl Case {
    fn of(misfortune: impl Strategy<Value = Misfortune>) -> impl Strategy<Value = Self> {
        let later = Plan::fails(Phase::Tap, 1, "a later job's");
        let plans = vec![
            (Plan::succeeds(), Verdict::Succeeded),
            (Plan::fails(Phase::Tap, 1, format!("boom {TOKEN}")), Verdict::Failed),
            (Plan::terminated(), Verdict::Cancelled),
            (Plan::succeeds().followed_by(Duration::ZERO, later), Verdict::Succeeded),
            (Plan::fails(Phase::Target, 2, "").followed_by(Duration::ZERO, Plan::succeeds()), Verdict::Failed),
        ];
        let misfortunes = prop::collection::vec(misfortune, 0..12);
        (prop::sample::select(plans), prop::sample::select(vec!["extraction", "load"]), misfortunes)
            .prop_map(|((plan, truth), wait_for, misfortunes)| Self { plan, truth, wait_for, misfortunes })
    }

    /// Faults from the trigger on.
    async fn whole(self) -> Result<(), TestCaseError> {
        let scenario = self.scenario().await;
        self.befall(&scenario);
        let outcome = self.hold(&scenario, None).await?;
        prop_assert!(scenario.simulator.count(Route::StartJob) <= 1, "{outcome:?}");
        Ok(())
    }

    /// Transient faults from the first poll on.
    async fn ridden_out(self) -> Result<(), TestCaseError> {
        let scenario = self.scenario().await;
        let run = scenario.started().await;
        self.befall(&scenario);
        let outcome = self.hold(&scenario, Some(run)).await?;
        prop_assert!(matches!(outcome.end, WatchEnd::Finished(_)), "{outcome:?}");
        Ok(())
    }

    async fn scenario(&self) -> Scenario {
        let scenario = Scenario::new(|account| {
            account.source(SOURCE_ID).plan(self.plan.clone()).stream(Stream::new("ads"));
        });
        scenario.await.with("wait_for", self.wait_for)
    }

    fn befall(&self, scenario: &Scenario) {
        for misfortune in &self.misfortunes {
            scenario.simulator.fault(misfortune.clone().fault());
        }
    }

    /// Watches the run, or triggers one, and asserts the invariants.
    async fn hold(&self, scenario: &Scenario, run: Option<String>) -> Result<WatchOutcome, TestCaseError> {
        let arguments = scenario.arguments();
        let clock = Stopwatch::new(scenario);
        let watcher = scenario.watcher(&arguments, &clock);
        let outcome = match run {
            Some(run) => watcher.resume(run, |_| (), pending()).await,
            None => watcher.run(|_| (), pending()).await,
        };
        let longest = clock.longest_call();
        prop_assert!(longest <= CALL * 11 / 10, "a call took {longest:?}: {outcome:?}");
        let took = scenario.simulator.now().duration_since(World::START).unsigned_abs();
        prop_assert!(took <= PollPolicy::default().timeout, "{took:?}");
        prop_assert!(!format!("{outcome:?}").contains(TOKEN), "{outcome:?}");
        if let WatchEnd::Finished(finished) = &outcome.end {
            // A later job may have hidden the outcome.
            prop_assert!([self.truth, Verdict::Unknown].contains(&finished.verdict), "{finished:?}");
            prop_assert_eq!(scenario.simulator.count(Route::StartJob), 1);
        }
        Ok(outcome)
    }
}

/// Simulated time, in which only calls take real time.
struct Stopwatch<'a> {
    simulated: SimulatedClock<'a>,
    calls: Mutex<Calls>,
}

/// The last reading of the clock, and the longest time between two: that of the longest call.
struct Calls {
    since: Instant,
    longest: Duration,
}

impl<'a> Stopwatch<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        let calls = Mutex::new(Calls { since: Instant::now(), longest: Duration::ZERO });
        Self { simulated: SimulatedClock(&scenario.simulator), calls }
    }

    fn longest_call(self) -> Duration {
        self.calls.into_inner().unwrap_or_else(PoisonError::into_inner).longest
    }
}

impl Clock for Stopwatch<'_> {
    /// A watch reads its clock before and after each call.
    fn now(&self) -> Duration {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.longest = calls.longest.max(calls.since.elapsed());
        calls.since = Instant::now();
        self.simulated.now()
    }

    async fn sleep(&self, time: Duration) {
        self.simulated.sleep(time).await;
    }
}

/// Runs a quarter of the usual number of cases, since each takes some 50 ms.
fn check<F: Future<Output = Result<(), TestCaseError>>>(cases: impl Strategy<Value = Case>, hold: impl Fn(Case) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let usual = Config::with_source_file(file!());
    let mut runner = TestRunner::new(Config { cases: usual.cases.div_ceil(4), ..usual });
    runner.run(&cases, |case| runtime.block_on(hold(case))).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn whatever_befalls_a_run_the_watch_ends_in_time_with_the_truth_one_trigger_and_no_secret() {
    check(Case::of(Misfortune::any()), Case::whole);
}

#[test]
fn whatever_passes_is_ridden_out_to_the_end_of_the_run() {
    check(Case::of(Misfortune::passing()), Case::ridden_out);
}
