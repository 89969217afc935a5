//! A pipeline of three tools, killed repeatedly at random moments.

use std::time::Duration;

use crate::three_tools::ThreeTools;

/// The number of pipelines; the environment variable `KILLED_PIPELINES` overrides it.
const PIPELINES: u32 = 6;

/// The most kills of a pipeline.
const KILLS: usize = 6;

/// The number of pipelines at once: each takes a processor for most of its start.
const AT_ONCE: usize = 4;

/// A Lehmer random number generator.
struct Chance(u32);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = u32::try_from(u64::from(self.0) * 48_271 % 0x7fff_ffff).expect("31 bits");
        self.0 % bound
    }
}

/// The results of the killed pipelines. All counts but the first must be 0.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kills {
    times: usize,
    /// Syncs that were triggered more than once.
    twice: usize,
    /// Syncs that were never triggered.
    lost: usize,
    /// Tasks that were stored with a wrong outcome.
    wrong: usize,
}

/// A moment to kill a process: the number of lines that it has printed, and a delay.
fn moment(chance: &mut Chance) -> (u32, Duration) {
    (chance.below(7) + 1, Duration::from_millis(chance.below(600).into()))
}

/// Kills a pipeline and its resumes until one ends. In half of the cases the locks are removed while it runs, and
/// another process takes the run over, until both are killed.
async fn killed_until_it_ends(number: u32) -> Kills {
    let tools = ThreeTools::new(&format!("killed-{number}"), Duration::from_millis(250)).await;
    let mut chance = Chance(number * 7919 + 1);
    let mut killed = Kills::default();
    let mut words: &[&str] = &["pipeline", "run", "nightly.toml"];
    while killed.times < KILLS {
        let (lines, after) = moment(&mut chance);
        let mut running = vec![tools.begun(words, lines, after).await];
        if chance.below(2) == 0 {
            tools.remove_locks();
            let (lines, after) = moment(&mut chance);
            running.push(tools.begun(&["resume"], lines, after).await);
        }
        let mut went_on = 0;
        for begun in running {
            went_on += usize::from(begun.killed().await);
        }
        if went_on == 0 {
            break;
        }
        killed.times += went_on;
        // The system releases a dead process's locks, whether their files exist or not.
        if chance.below(2) == 0 {
            tools.remove_locks();
        }
        // If it was killed too early, there is no run yet.
        let begun = tools.call(&["runs", "show", "1"]).await.code == Some(0);
        words = if begun { &["resume"] } else { words };
    }
    let resumed = tools.call(words).await;
    let expected = [("ads", 1), ("crm", 1), ("customers", 1), ("orders", 1), ("report", 1), ("spend", 0)];
    let (started, kept) = (tools.started(), tools.kept().await);
    killed.twice = expected.iter().filter(|(task, times)| started[task] > *times).count();
    killed.lost = expected.iter().filter(|(task, times)| started[task] < *times).count();
    killed.wrong = ThreeTools::expected().iter().filter(|(task, end)| kept.get(*task) != Some(end)).count();
    if (killed.twice, killed.lost, killed.wrong) != (0, 0, 0) {
        eprintln!("pipeline {number}: {killed:?}, started {started:?}, kept {kept:?}:\n{}", resumed.stderr);
    }
    killed
}

#[tokio::test]
async fn killed_again_and_again_at_any_moment_no_sync_is_triggered_twice_no_run_lost_and_no_verdict_wrong() {
    let pipelines = std::env::var("KILLED_PIPELINES").map_or(PIPELINES, |number| number.parse().expect("a number"));
    let mut running = tokio::task::JoinSet::new();
    let (mut next, mut all) = (0, Kills::default());
    loop {
        while next < pipelines && running.len() < AT_ONCE {
            running.spawn(killed_until_it_ends(next));
            next += 1;
        }
        let Some(killed) = running.join_next().await else { break };
        let killed = killed.expect("it ended as expected");
        all.times += killed.times;
        all.twice += killed.twice;
        all.lost += killed.lost;
        all.wrong += killed.wrong;
    }
    eprintln!("{pipelines} pipelines: {all:?}");
    assert_eq!(Kills { times: 0, ..all }, Kills::default(), "of {pipelines} pipelines");
    assert!(all.times >= pipelines as usize, "{pipelines} pipelines were killed {} times", all.times);
}

/// Takes a run over while its first process, whose locks are removed, goes on.
async fn taken_over(number: u32) {
    let tools = ThreeTools::new(&format!("taken-over-{number}"), Duration::from_millis(250)).await;
    let mut chance = Chance(number * 7919 + 1);
    let (lines, after) = moment(&mut chance);
    let first = tools.begun(&["pipeline", "run", "nightly.toml"], lines, after).await;
    tools.remove_locks();
    let resumed = tools.call(&["resume"]).await;
    let first = first.ended().await;
    let both = format!("{number}: first\n{}\nresumed\n{}", first.stderr, resumed.stderr);
    assert_eq!(first.code, Some(3), "{both}");
    let told = "the pipeline stops here because another process has taken its run over and goes on with it";
    assert!(first.stderr.contains(told), "{both}");
    let started = [("ads", 1), ("crm", 1), ("customers", 1), ("orders", 1), ("report", 1), ("spend", 0)].into();
    assert_eq!(tools.started(), started, "{both}");
    assert_eq!(tools.kept().await, ThreeTools::expected(), "{both}");
}

#[tokio::test]
async fn resumed_beside_a_process_whose_locks_were_removed_no_sync_is_triggered_twice_and_no_run_is_lost() {
    let mut running: tokio::task::JoinSet<()> = (0..4).map(taken_over).collect();
    while let Some(ended) = running.join_next().await {
        ended.expect("it ended as expected");
    }
}
