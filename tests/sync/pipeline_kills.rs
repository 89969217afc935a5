//! A pipeline of three tools, killed again and again at moments that nobody chose.

use std::time::Duration;

use crate::three_tools::ThreeTools;

/// How many pipelines are killed; the environment variable `KILLED_PIPELINES` says another number.
const PIPELINES: u32 = 6;

/// How often each is killed at most.
const KILLS: u32 = 6;

/// How many at once: each takes a processor for most of its start.
const AT_ONCE: usize = 4;

/// What a number says, by a generator of Lehmer's.
struct Chance(u32);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = u32::try_from(u64::from(self.0) * 48_271 % 0x7fff_ffff).expect("31 bits");
        self.0 % bound
    }
}

/// Kills a pipeline and what resumes it until one of them ends. Says how often it was killed.
async fn killed_until_it_ends(number: u32) -> u32 {
    let tools = ThreeTools::new(&format!("killed-{number}"), Duration::from_millis(250)).await;
    let mut chance = Chance(number * 7919 + 1);
    let mut kills = 0;
    let mut words: &[&str] = &["pipeline", "run", "nightly.toml"];
    while kills < KILLS {
        let (lines, after) = (chance.below(7), Duration::from_millis(chance.below(600).into()));
        if !tools.killed(words, lines + 1, after).await {
            break;
        }
        kills += 1;
        // Killed before it began, it is no run yet.
        let begun = tools.call(&["runs", "show", "1"]).await.code == Some(0);
        words = if begun { &["resume"] } else { words };
    }
    let resumed = tools.call(words).await;
    let started = [("ads", 1), ("crm", 1), ("customers", 1), ("orders", 1), ("report", 1), ("spend", 0)].into();
    assert_eq!(tools.started(), started, "pipeline {number}, killed {kills} times:\n{}", resumed.stderr);
    kills
}

#[tokio::test]
async fn killed_again_and_again_at_any_moment_no_sync_is_triggered_twice_no_run_lost_and_no_verdict_wrong() {
    let pipelines = std::env::var("KILLED_PIPELINES").map_or(PIPELINES, |number| number.parse().expect("a number"));
    let mut running = tokio::task::JoinSet::new();
    let (mut next, mut kills) = (0, 0);
    loop {
        while next < pipelines && running.len() < AT_ONCE {
            running.spawn(killed_until_it_ends(next));
            next += 1;
        }
        let Some(killed) = running.join_next().await else { break };
        kills += killed.expect("it ended as expected");
    }
    eprintln!("{pipelines} pipelines were killed {kills} times");
    assert!(kills >= pipelines, "{pipelines} pipelines were killed {kills} times");
}
