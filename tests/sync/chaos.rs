//! A whole run amid misfortunes of every sort: the watch ends, in time, with a verdict that is true, one trigger and no
//! secret.

use std::time::Duration;

use host_harness::contract::Verdict;
use host_harness::{End, PollPolicy};
use http::StatusCode;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use stitch_simulator::{Answer, Fault, Phase, Plan, Route, Stream, World};

use crate::scenario::{SOURCE_ID, Scenario, TOKEN};

/// What a body may hold in place of, or amid, what is documented.
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

/// What becomes of one request. Most go well.
#[derive(Clone, Debug)]
enum Misfortune {
    None,
    Reset,
    ResetBeforeItTookEffect,
    Mute,
    Truncated,
    Answer { status: u16, body: String },
}

impl Misfortune {
    fn any() -> impl Strategy<Value = Self> {
        let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..8);
        let status = prop_oneof![Just(200), Just(401), Just(404), Just(429), 200_u16..600];
        let answer = (status, pieces).prop_map(|(status, pieces)| Self::Answer { status, body: pieces.concat() });
        let others = vec![Self::Reset, Self::ResetBeforeItTookEffect, Self::Truncated];
        prop_oneof![30 => Just(Self::None), 1 => Just(Self::Mute), 9 => prop::sample::select(others), 20 => answer]
    }

    fn fault(self) -> Fault {
        match self {
            Self::None => Fault::anywhere(),
            Self::Reset => Fault::anywhere().reset(),
            Self::ResetBeforeItTookEffect => Fault::anywhere().reset().without_effect(),
            Self::Mute => Fault::anywhere().delay(Duration::from_mins(1)),
            Self::Truncated => Fault::anywhere().truncated(),
            Self::Answer { status, body } => {
                let status = StatusCode::from_u16(status).expect("a status");
                Fault::anywhere().answer(Answer::text(status, "application/json", body))
            }
        }
    }
}

/// A job, how it ends in truth, and what its requests meet, in turn.
#[derive(Clone, Debug)]
struct Case {
    plan: Plan,
    truth: Verdict,
    wait_for: &'static str,
    misfortunes: Vec<Misfortune>,
}

impl Case {
    fn any() -> impl Strategy<Value = Self> {
        let later = Plan::fails(Phase::Tap, 1, "a later job's");
        let plans = vec![
            (Plan::succeeds(), Verdict::Succeeded),
            (Plan::fails(Phase::Tap, 1, format!("boom {TOKEN}")), Verdict::Failed),
            (Plan::terminated(), Verdict::Cancelled),
            (Plan::succeeds().followed_by(Duration::ZERO, later), Verdict::Succeeded),
            (Plan::fails(Phase::Target, 2, "").followed_by(Duration::ZERO, Plan::succeeds()), Verdict::Failed),
        ];
        let misfortunes = prop::collection::vec(Misfortune::any(), 0..12);
        (prop::sample::select(plans), prop::sample::select(vec!["extraction", "load"]), misfortunes)
            .prop_map(|((plan, truth), wait_for, misfortunes)| Self { plan, truth, wait_for, misfortunes })
    }

    async fn hold(self) -> Result<(), TestCaseError> {
        let scenario = Scenario::new(|account| {
            account.source(SOURCE_ID).plan(self.plan).stream(Stream::new("ads"));
        });
        let scenario = scenario.await.with("wait_for", self.wait_for);
        for misfortune in self.misfortunes {
            scenario.simulator.fault(misfortune.fault());
        }
        let outcome = scenario.watched().await;
        prop_assert!(
            scenario.simulator.now().duration_since(World::START).unsigned_abs() <= PollPolicy::default().timeout
        );
        prop_assert!(scenario.simulator.count(Route::StartJob) <= 1);
        prop_assert!(!format!("{outcome:?}").contains(TOKEN), "{outcome:?}");
        if let End::Finished(finished) = outcome.end {
            // Nobody can know what a later job has hidden.
            prop_assert!([self.truth, Verdict::Unknown].contains(&finished.verdict), "{finished:?}");
        }
        Ok(())
    }
}

#[test]
fn whatever_befalls_a_run_the_watch_ends_in_time_with_the_truth_one_trigger_and_no_secret() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner.run(&Case::any(), |case| runtime.block_on(case.hold())).unwrap_or_else(|error| panic!("{error}"));
}
