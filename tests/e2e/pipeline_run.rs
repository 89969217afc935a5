//! Pipelines from the command line: run, killed at any moment, and resumed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use host_harness::pipeline::PipelineEnd;
use host_harness::store::{Outcome, TaskState};
use serde_json::Value;
use stitch_simulator::{Clock, Fault, Phase, Plan, Route, Simulator, World};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::artifact;
use crate::command_line::{Printed, spawned};
use crate::hurried_pipeline::HurriedPipeline;
use crate::scenario::{CLIENT_ID, SMALL, TOKEN, huge};

const ORDERS: u64 = 101;
const CUSTOMERS: u64 = 102;
const REPORTS: u64 = 103;
const PRODUCTS: u64 = 104;

/// An account by the clock of this machine, and a pipeline of four of its sources: `reports` comes after `customers`, which
/// fails, and `customers` after `orders`.
struct Pipeline {
    simulator: Simulator,
    folder: PathBuf,
}

impl Pipeline {
    async fn new(name: &str) -> Self {
        Self::with_orders_lasting(name, Duration::from_secs(3)).await
    }

    async fn with_orders_lasting(name: &str, orders: Duration) -> Self {
        let mut world = World::new();
        let account = world.account(CLIENT_ID, TOKEN);
        let second = Duration::from_secs(1);
        account.source(ORDERS).paused().plan(Plan::succeeds().lasting(orders / 3, orders / 3, orders / 3));
        for source in [REPORTS, PRODUCTS] {
            account.source(source).paused().plan(Plan::succeeds().lasting(second, second, second));
        }
        account
            .source(CUSTOMERS)
            .paused()
            .plan(Plan::fails(Phase::Tap, 1, "no such table").lasting(second, second, second));
        let clock = Clock::scaled(World::START, 1.0);
        let simulator = Simulator::start_with(world, clock, 0).await.expect("the simulator starts");
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pipeline-{name}"));
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("token"), TOKEN).expect("a file");
        let task = |name: &str, source: u64, after: &str| {
            format!("[tasks.{name}]\nconnection = \"stitch\"\nparameters.source_id = {source}\nafter = [{after}]\n")
        };
        let text = [
            format!(
                "name = \"nightly\"\n[connections.stitch]\nplugin = '{}'\nallow = [{url:?}]\nfields.base_url = {url:?}\n\
                 secrets.access_token = \"file:token\"\n",
                artifact::plugin().display(),
                url = simulator.url(),
            ),
            task("reports", REPORTS, "\"customers\""),
            task("customers", CUSTOMERS, "\"orders\""),
            task("orders", ORDERS, ""),
            task("products", PRODUCTS, ""),
        ];
        std::fs::write(folder.join("nightly.toml"), text.concat()).expect("a file");
        Self { simulator, folder }
    }

    fn command(&self, command: &[&str]) -> Command {
        let mut program = artifact::host_harness();
        program.current_dir(&self.folder).args(command);
        if command[0] != "runs" {
            program.args(["--poll-interval", "200ms", "--ignore-poll-hint"]);
        }
        program.args(["--output", "json"]);
        program
    }

    async fn call(&self, command: &[&str]) -> Printed {
        let printed = spawned(self.command(command), String::new()).await;
        assert!(!printed.stdout.contains(TOKEN) && !printed.stderr.contains(TOKEN), "{}", printed.stderr);
        printed
    }

    /// Runs it and kills the process after so many lines. False if it ended before.
    async fn killed_after(&self, lines: usize) -> bool {
        let mut program = tokio::process::Command::from(self.command(&["pipeline", "run", "nightly.toml"]));
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut told = BufReader::new(child.stderr.take().expect("its lines")).lines();
        for _ in 0..lines {
            if told.next_line().await.expect("a line").is_none() {
                return false;
            }
        }
        child.kill().await.expect("it is killed");
        true
    }

    /// The number of jobs of each source, in the order of the sources.
    fn jobs(&self) -> Vec<usize> {
        self.simulator.with(|world| {
            [ORDERS, CUSTOMERS, REPORTS, PRODUCTS].map(|source| world.source(source).jobs().len()).to_vec()
        })
    }
}

/// The states of the tasks of the latest run.
fn states(printed: &Printed) -> BTreeMap<String, String> {
    let document = printed.json();
    let tasks = document["runs"][0]["tasks"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tasks.iter().map(|task| (text(&task["name"]), text(&task["state"]))).collect()
}

fn expected() -> BTreeMap<String, String> {
    let expected =
        [("customers", "failed"), ("orders", "succeeded"), ("products", "succeeded"), ("reports", "not_run")];
    expected.into_iter().map(|(name, state)| (name.to_owned(), state.to_owned())).collect()
}

#[tokio::test]
async fn a_pipeline_runs_to_its_end_and_what_comes_after_a_failure_is_not_run() {
    let pipeline = Pipeline::new("whole").await;
    let printed = pipeline.call(&["pipeline", "run", "nightly.toml"]).await;
    assert_eq!(printed.code, Some(1), "{}", printed.stderr);
    assert_eq!(states(&printed), expected(), "{}", printed.stderr);
    assert_eq!(pipeline.jobs(), [1, 1, 0, 1]);
    let line = "customers: failed: source 102: the tap failed with exit status 1: no such table";
    assert!(printed.stderr.lines().any(|told| told == line), "{}", printed.stderr);
    let kept = pipeline.call(&["runs", "list"]).await;
    assert_eq!((kept.code, states(&kept)), (Some(0), expected()));
    assert_eq!(pipeline.call(&["resume"]).await.json(), serde_json::json!({"runs": []}));
    let transitions = kept.json()["runs"][0]["tasks"][1]["transitions"].clone();
    let states: Vec<_> = transitions.as_array().expect("a list").iter().map(|entry| entry["state"].clone()).collect();
    assert_eq!((states.first(), states.last()), (Some(&"intended".into()), Some(&"failed".into())));
}

#[tokio::test]
async fn a_poll_that_an_answer_drives_into_a_limit_ends_no_task() {
    let pipeline = Pipeline::new("driven").await;
    let file = pipeline.folder.join("nightly.toml");
    let text = std::fs::read_to_string(&file).expect("a pipeline");
    let limited = text.replace("plugin = ", &format!("limits.memory = \"{SMALL}\"\nplugin = "));
    std::fs::write(&file, limited).expect("a file");
    pipeline.simulator.fault(Fault::on(Route::ListExtractions).answer(huge()).times(3));
    let printed = pipeline.call(&["pipeline", "run", "nightly.toml"]).await;
    assert_eq!(states(&printed), expected(), "{}", printed.stderr);
    let line = "the plugin's poll went past the limit memory of 4 MiB and was ended";
    assert!(printed.stderr.contains(line), "{}", printed.stderr);
}

#[tokio::test]
async fn what_is_kept_is_exported_as_a_document_and_as_a_table() {
    let pipeline = Pipeline::new("exported").await;
    pipeline.call(&["pipeline", "run", "nightly.toml"]).await;
    let export = |format: &str| {
        let mut program = artifact::host_harness();
        program.current_dir(&pipeline.folder).args(["runs", "export", "--format", format]);
        spawned(program, String::new())
    };
    assert_eq!(states(&export("json").await), expected());
    let table = export("csv").await.stdout;
    let mut lines = table.lines();
    let columns: Vec<_> = lines.next().expect("a head").split(',').collect();
    assert_eq!(columns[..6], ["run", "pipeline", "task", "tool", "plugin", "state"]);
    assert_eq!(lines.clone().count(), 4, "{table}");
    let failed = lines.clone().find(|line| line.starts_with("1,nightly,customers,Stitch,stitch-sync ")).expect("a row");
    assert!(failed.contains(",failed,source 102: the tap failed with exit status 1: no such table,"), "{failed}");
    assert!(failed.contains(r#"""source_id"":102"#), "{failed}");
    assert!(lines.any(|line| line.contains(",reports,") && line.contains(",not_run,")), "{table}");
}

#[tokio::test]
async fn killed_at_any_transition_a_pipeline_is_resumed_without_a_second_sync_or_a_wrong_verdict() {
    // Each at its own pipeline; together, because most of the time they wait.
    let mut killed = tokio::task::JoinSet::new();
    for lines in 1..=16 {
        killed.spawn(async move {
            let pipeline = Pipeline::new(&format!("killed-{lines}")).await;
            let was_killed = pipeline.killed_after(lines).await;
            let resumed = pipeline.call(&["resume"]).await;
            let kept = pipeline.call(&["runs", "show", "1"]).await;
            assert_eq!(states(&kept), expected(), "after {lines}:\n{}\n{}", resumed.stderr, kept.stdout);
            assert_eq!(pipeline.jobs(), [1, 1, 0, 1], "after {lines}:\n{}", resumed.stderr);
            usize::from(was_killed)
        });
    }
    let killed: usize = killed.join_all().await.into_iter().sum();
    assert!(killed >= 8, "{killed} were killed before they ended");
}

#[tokio::test]
async fn a_run_that_another_process_holds_is_left_to_it_and_the_same_pipeline_is_not_begun_twice() {
    // Long enough for two other processes to come and go on a busy machine.
    let pipeline = Pipeline::with_orders_lasting("held", Duration::from_secs(20)).await;
    let mut program = tokio::process::Command::from(pipeline.command(&["pipeline", "run", "nightly.toml"]));
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut told = BufReader::new(child.stderr.take().expect("its lines")).lines();
    told.next_line().await.expect("a line");
    let resumed = pipeline.call(&["resume"]).await;
    assert_eq!(resumed.stderr, "run 1 is held by another process, which goes on with it\n");
    let again = pipeline.call(&["pipeline", "run", "nightly.toml"]).await;
    let error = &again.json()["error"]["message"];
    assert_eq!(
        (again.code, error.as_str()),
        (Some(2), Some("run 1 of the pipeline nightly has not ended: `host-harness resume` goes on with it"))
    );
    while told.next_line().await.expect("a line").is_some() {}
    assert_eq!(child.wait().await.expect("it ends").code(), Some(1));
    assert_eq!(pipeline.jobs(), [1, 1, 0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_started_of_a_pipeline_that_was_interrupted_before_it_began() {
    let pipeline = HurriedPipeline::new("unwanted", vec![Plan::succeeds(); 5]).await;
    let (end, kept, simulator) = pipeline.run_unless(true, |_| ()).await;
    assert_eq!((end, simulator.count(Route::StartJob)), (PipelineEnd::Ended(Outcome::Interrupted), 0));
    for task in &kept.tasks {
        let told = (task.state, task.message.as_deref());
        assert_eq!(told, (TaskState::Ended(Outcome::NotRun), Some("the pipeline was interrupted")));
    }
}
