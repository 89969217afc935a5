//! Resuming runs: what prevents it, and does not affect other runs.

use std::process::{Command, Stdio};
use std::time::Duration;

use host_harness::store::Store;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::artifact;
use crate::command_line::Printed;
use crate::three_tools::ThreeTools;

/// A pipeline that is killed once all its first syncs run.
async fn killed(name: &str) -> ThreeTools {
    kill(ThreeTools::new(name, Duration::ZERO).await).await
}

async fn kill(tools: ThreeTools) -> ThreeTools {
    assert!(tools.killed(&["pipeline", "run", "nightly.toml"], 9, Duration::ZERO).await);
    tools
}

/// A pipeline whose syncs go on until they are stopped.
async fn endless(name: &str) -> ThreeTools {
    ThreeTools::lasting(name, Duration::ZERO, Duration::from_hours(1)).await
}

fn said(printed: &Printed, line: &str) {
    assert!(printed.stderr.lines().any(|said| said == line), "{}", printed.stderr);
}

#[tokio::test]
async fn a_secret_that_is_refused_at_resume_ends_nothing() {
    let tools = killed("refused").await;
    let token = tools.folder.join("token");
    let right = std::fs::read(&token).expect("the token");
    std::fs::write(&token, "another token altogether").expect("a file");
    let refused = tools.call(&["resume"]).await;
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    let left = "; left as it stands: fix that, and `host-harness resume` goes on with it";
    assert!(refused.stderr.contains(left), "{}", refused.stderr);
    std::fs::write(&token, right).expect("a file");
    let resumed = tools.call(&["resume"]).await;
    let kept = tools.kept().await;
    let ends: Vec<_> = ["ads", "crm", "customers", "orders", "report"].map(|task| &*kept[task]).into();
    assert_eq!(ends, ["succeeded", "succeeded", "failed", "succeeded", "succeeded"], "{}", resumed.stderr);
    assert_eq!(tools.started().values().sum::<usize>(), 5);
}

#[cfg(unix)]
#[tokio::test]
async fn what_waits_for_another_attempt_is_left_by_an_interrupt_that_cancels_nothing() {
    let tools = ThreeTools::new("left", Duration::ZERO).await;
    let file = tools.folder.join("nightly.toml");
    let text = std::fs::read_to_string(&file).expect("the pipeline");
    let text = text.replace("[tasks.customers]\n", "[tasks.customers]\nretries = 1\n");
    std::fs::write(&file, text).expect("a file");
    let program = tools.command(&["pipeline", "run", "nightly.toml", "--no-cancel"]);
    let interrupted = interrupted_after(program, "customers: source 102: the tap failed").await;
    assert_eq!(interrupted, Some(130));
    assert_eq!(tools.kept().await["customers"], "retrying");
    let resumed = tools.call(&["resume"]).await;
    assert_eq!((resumed.code, &*tools.kept().await["customers"]), (Some(1), "failed"), "{}", resumed.stderr);
    let started = tools.started();
    assert_eq!((started["customers"], started["spend"], started["report"]), (2, 0, 1), "{}", resumed.stderr);
}

#[cfg(unix)]
#[tokio::test]
async fn each_signal_cancels_what_runs_of_a_pipeline_and_starts_nothing_more() {
    for (signal, resumed) in [("INT", false), ("TERM", false), ("HUP", true)] {
        let name = format!("cancelled-{signal}-{resumed}");
        let tools = endless(&name).await;
        let tools = if resumed { kill(tools).await } else { tools };
        let words: &[_] = if resumed { &["resume"] } else { &["pipeline", "run", "nightly.toml"] };
        let mut program = tools.command(words);
        program.stdout(Stdio::null());
        let (code, told) = interrupted(program, &[(signal, "orders: source 101: the extraction is running")]).await;
        assert_eq!(code, Some(130), "{name}: {told}");
        let kept = tools.kept().await;
        let states = (&*kept["orders"], &*kept["report"], &*kept["spend"]);
        assert_eq!(states, ("cancelled", "not_run", "not_run"), "{name}: {kept:?}");
        assert_eq!((tools.started()["report"], tools.started()["spend"]), (0, 0), "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_interrupt_leaves_all_as_it_stands_and_tells_how_that_is() {
    let tools = endless("twice").await;
    let mut program = tools.command(&["pipeline", "run", "nightly.toml"]);
    let document = tools.folder.join("document.json");
    program.stdout(std::fs::File::create(&document).expect("a file"));
    let signals = [("TERM", "orders: source 101: the extraction is running"), ("HUP", "ads: asking the tool")];
    let (code, told) = interrupted(program, &signals).await;
    assert_eq!(code, Some(130), "{told}");
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&document).expect("it")).expect("JSON");
    assert_eq!(document["runs"][0]["ended_at"], serde_json::Value::Null, "{document}");
    assert_eq!(tools.call(&["resume"]).await.json()["runs"][0]["id"], 1);
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_is_heard_while_another_run_is_still_taken_up() {
    let tools = kill(endless("taken-up").await).await;
    begin_hourly(&tools);
    // Its secret is in a pipe that nobody writes to, so it never starts.
    let pipe = tools.folder.join("hourly").join("token");
    std::fs::create_dir(tools.folder.join("hourly")).expect("a folder");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let mut program = tools.command(&["resume"]);
    program.stdout(Stdio::null());
    let (code, told) = interrupted(program, &[("TERM", "nightly/orders: source 101: the extraction is running")]).await;
    assert_eq!(code, Some(130), "{told}");
    assert!(told.contains("\nrun 2 is left as it stands: `host-harness resume` goes on with it\n"), "{told}");
    assert_eq!(tools.kept().await["orders"], "cancelled", "{told}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_pipeline_leaves_a_sync_that_somebody_else_started_and_says_so() {
    let tools = endless("attached").await;
    tools.start_orders_elsewhere();
    let mut program = tools.command(&["pipeline", "run", "nightly.toml"]);
    program.stdout(Stdio::null());
    let (code, told) = interrupted(program, &[("INT", "orders: source 101: attached to")]).await;
    assert_eq!(code, Some(130), "{told}");
    let said = ": the extraction was running already when the task attached to it, so it is left running: \
                set cancel_attached to cancel it all the same\norders: left as it stands: `host-harness resume` goes on with \
                it\n";
    assert!(told.contains(said), "{told}");
    let kept = tools.kept().await;
    assert_eq!((&*kept["orders"], &*kept["report"]), ("running", "not_run"), "{told}");
}

/// Stores another run, whose secret is missing.
fn begin_hourly(tools: &ThreeTools) {
    let text = std::fs::read_to_string(tools.folder.join("nightly.toml")).expect("the pipeline");
    let text = text.replace("nightly", "hourly");
    let file = tools.folder.join("hourly").join("hourly.toml");
    let mut store = Store::open(&tools.folder.join("host-harness.db")).expect("the store");
    store.begin("hourly", &file.to_string_lossy(), &text, &[], Timestamp::now()).expect("a run");
}

/// Sends an interrupt once a line begins so, and returns the exit code.
#[cfg(unix)]
async fn interrupted_after(mut program: Command, beginning: &str) -> Option<i32> {
    program.stdout(Stdio::null());
    interrupted(program, &[("INT", beginning)]).await.0
}

/// Sends a signal at each of these line beginnings, in order, and returns the exit code and all output.
#[cfg(unix)]
async fn interrupted(program: Command, signals: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut program = tokio::process::Command::from(program);
    let mut child = program.stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its lines")).lines();
    let (mut signals, mut told) = (signals.iter().peekable(), String::new());
    let read = async {
        while let Some(line) = lines.next_line().await.expect("a line") {
            if let Some((signal, _)) = signals.next_if(|(_, beginning)| line.starts_with(beginning)) {
                let id = child.id().expect("it runs").to_string();
                assert!(
                    Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("it is sent").success()
                );
            }
            told += &(line + "\n");
        }
    };
    let is_read = tokio::time::timeout(Duration::from_mins(2), read).await.is_ok();
    assert!(is_read, "it goes on:\n{told}");
    assert_eq!(signals.next(), None, "not every line came:\n{told}");
    (child.wait().await.expect("it ends").code(), told)
}

#[tokio::test]
async fn a_run_that_cannot_be_resumed_holds_no_other_up_and_can_be_given_up() {
    let tools = killed("held-up").await;
    begin_hourly(&tools);
    let resumed = tools.call(&["resume"]).await;
    assert_eq!(resumed.code, Some(2), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("error: run 2 cannot be resumed: "), "{}", resumed.stderr);
    assert!(resumed.stderr.contains("or give it up with `host-harness runs abandon 2`"), "{}", resumed.stderr);
    assert_eq!(tools.kept().await["report"], "succeeded", "{}", resumed.stderr);

    let given_up = tools.call(&["runs", "abandon", "2"]).await;
    assert_eq!((given_up.code, given_up.json()["runs"][0]["outcome"].as_str()), (Some(0), Some("interrupted")));
    said(&tools.call(&["resume", "2"]).await, "run 2 of the pipeline hourly has ended");
    assert_eq!(tools.call(&["resume"]).await.json(), serde_json::json!({"runs": []}));
}

#[tokio::test]
async fn a_plugin_whose_file_has_changed_since_a_run_was_begun_is_told() {
    let tools = ThreeTools::new("changed", Duration::ZERO).await;
    let file = tools.folder.join("nightly.toml");
    let plugin = tools.folder.join("stitch.wasm");
    std::fs::copy(artifact::plugin(), &plugin).expect("a copy");
    let text = std::fs::read_to_string(&file).expect("the pipeline");
    std::fs::write(&file, text.replace(&*artifact::plugin().to_string_lossy(), "stitch.wasm")).expect("a file");
    let tools = kill(tools).await;
    // An empty custom section changes only the file.
    let changed = [&std::fs::read(&plugin).expect("its bytes")[..], &[0, 1, 0]].concat();
    std::fs::write(&plugin, changed).expect("a file");
    let resumed = tools.call(&["resume"]).await;
    let line = resumed
        .stderr
        .lines()
        .find(|line| line.starts_with("orders: the file of its plugin, stitch-sync "))
        .unwrap_or_default();
    let (_, sha256) = line.split_once(", has changed since the run was begun: its sha256 is ").unwrap_or_default();
    assert_eq!(sha256.len(), 64, "{}", resumed.stderr);
    assert!(!resumed.stderr.contains("\ncrm: the file of its plugin"), "{}", resumed.stderr);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn root_is_told_whose_store_it_uses_and_nobody_else_may() {
    use std::os::unix::fs::MetadataExt;

    let tools = ThreeTools::new("owner", Duration::ZERO).await;
    let store = tools.folder.join("host-harness.db");
    drop(Store::open(&store).expect("a store"));
    // Only root can change a file's owner.
    let is_root = std::os::unix::fs::chown(&store, Some(65_534), Some(65_534)).is_ok();
    let name = if is_root { "host-harness.db" } else { "/etc/passwd" };
    assert_eq!(std::fs::metadata(tools.folder.join(name)).expect("a file").uid() == 65_534, is_root);
    for words in [&["resume"][..], &["runs", "list"], &["runs", "show", "1"], &["runs", "abandon", "1"]] {
        let printed = tools.call(&[words, &["--store", name]].concat()).await;
        let said = if is_root {
            format!("{name} belongs to user 65534: the pipelines in it are what that user wrote\n")
        } else {
            format!("{name} belongs to another user: name a file of your own with --store")
        };
        assert!([&*printed.stdout, &*printed.stderr].concat().contains(&said), "{words:?}: {}", printed.stderr);
    }
    let printed = tools.call(&["pipeline", "run", "nightly.toml", "--store", name]).await;
    assert_eq!(
        (printed.code, printed.stderr.contains(" belongs to user 65534: ")),
        (Some(if is_root { 1 } else { 2 }), is_root)
    );
}
