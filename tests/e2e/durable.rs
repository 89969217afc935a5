//! The example that stores a run in the engine's own database, killed at the worst moments.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use stitch_simulator::{Clock, Fault, Plan, Route, Simulator, World};
use tokio::process::{Child, Command};

use crate::artifact;
use crate::scenario::{CLIENT_ID, SOURCE_ID, TOKEN};

/// A simulated source, and a database for the example.
struct Engine {
    simulator: Simulator,
    database: PathBuf,
}

impl Engine {
    async fn new(name: &str) -> Self {
        let mut world = World::new();
        let second = Duration::from_secs(1);
        let plan = Plan::succeeds().lasting(second, second, second);
        world.account(CLIENT_ID, TOKEN).source(SOURCE_ID).paused().plan(plan);
        let clock = Clock::scaled(World::START, 1.0);
        let simulator = Simulator::start_with(world, clock, 0).await.expect("the simulator starts");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("durable-{name}"));
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { simulator, database: folder.join("engine.db") }
    }

    fn begun(&self) -> Child {
        let mut engine = Command::new(artifact::durable());
        engine.arg(&self.database).arg(artifact::plugin()).arg(self.simulator.url());
        engine.arg(format!("source_id={SOURCE_ID}")).env("ACCESS_TOKEN", TOKEN);
        engine.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("the example")
    }

    /// Kills it once Stitch was asked to start the job.
    async fn killed_once_triggered(&self, after: Duration) {
        let mut engine = self.begun();
        while self.simulator.count(Route::StartJob) == 0 {
            assert!(engine.try_wait().expect("its state").is_none(), "it ended before it triggered");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(after).await;
        engine.kill().await.expect("it is killed");
    }

    /// Its final output, and the number of jobs started.
    async fn verdict(&self) -> (String, usize) {
        let output = self.begun().wait_with_output().await.expect("its end");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let text = String::from_utf8(output.stdout).expect("text");
        (text.trim().to_owned(), self.simulator.count(Route::StartJob))
    }
}

#[tokio::test]
async fn an_engine_that_was_killed_before_the_answer_to_its_trigger_settles_it() {
    let engine = Engine::new("settled").await;
    engine.simulator.fault(Fault::on(Route::StartJob).delay(Duration::from_secs(1)).with_effect());
    engine.killed_once_triggered(Duration::from_millis(300)).await;
    // The job ended while no engine ran.
    let (verdict, started) = engine.verdict().await;
    assert_eq!((&*verdict, started), ("succeeded", 1));
}

#[tokio::test]
async fn an_engine_that_was_killed_while_it_watched_goes_on_with_its_run() {
    let engine = Engine::new("watched").await;
    engine.killed_once_triggered(Duration::from_secs(1)).await;
    let (verdict, started) = engine.verdict().await;
    assert_eq!((&*verdict, started), ("succeeded", 1));
    // Run again, it only reports the stored verdict.
    assert_eq!(engine.verdict().await, ("succeeded".to_owned(), 1));
}
