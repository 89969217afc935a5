//! What keeps a run from being resumed, and what it does not keep others from.

use std::process::{Command, Stdio};
use std::time::Duration;

use host_harness::store::Store;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::command_line::Printed;
use crate::three_tools::ThreeTools;

/// A pipeline that is killed once all its first syncs run.
async fn killed(name: &str) -> ThreeTools {
    let tools = ThreeTools::new(name, Duration::ZERO).await;
    assert!(tools.killed(&["pipeline", "run", "nightly.toml"], 9, Duration::ZERO).await);
    tools
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
    let left = "; left as it stands: mend that, and `host-harness resume` goes on with it";
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
async fn an_interrupt_cancels_what_runs_and_starts_nothing_more() {
    let tools = ThreeTools::new("cancelled", Duration::ZERO).await;
    let program = tools.command(&["pipeline", "run", "nightly.toml"]);
    assert_eq!(interrupted_after(program, "orders: source 101: the extraction is running").await, Some(130));
    let kept = tools.kept().await;
    assert_eq!((&*kept["orders"], &*kept["report"], &*kept["spend"]), ("cancelled", "not_run", "not_run"), "{kept:?}");
    assert_eq!((tools.started()["report"], tools.started()["spend"]), (0, 0));
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_interrupt_leaves_all_as_it_stands_and_tells_how_that_is() {
    let tools = ThreeTools::new("twice", Duration::ZERO).await;
    let mut program = tools.command(&["pipeline", "run", "nightly.toml"]);
    let document = tools.folder.join("document.json");
    program.stdout(std::fs::File::create(&document).expect("a file"));
    let code = interrupted(program, &["orders: source 101: the extraction is running", "ads: asking the tool"]).await;
    assert_eq!(code, Some(130));
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&document).expect("it")).expect("JSON");
    assert_eq!(document["runs"][0]["ended_at"], serde_json::Value::Null, "{document}");
    assert_eq!(tools.call(&["resume"]).await.json()["runs"][0]["id"], 1);
}

/// Sends an interrupt as soon as a line begins so, and gives the exit code.
#[cfg(unix)]
async fn interrupted_after(mut program: Command, beginning: &str) -> Option<i32> {
    program.stdout(Stdio::null());
    interrupted(program, &[beginning]).await
}

/// Sends an interrupt at each of these beginnings of lines, in their order.
#[cfg(unix)]
async fn interrupted(program: Command, beginnings: &[&str]) -> Option<i32> {
    let mut program = tokio::process::Command::from(program);
    let mut child = program.stderr(Stdio::piped()).spawn().expect("it starts");
    let mut told = BufReader::new(child.stderr.take().expect("its lines")).lines();
    let mut beginnings = beginnings.iter().peekable();
    while let Some(line) = told.next_line().await.expect("a line") {
        if beginnings.next_if(|beginning| line.starts_with(**beginning)).is_some() {
            let id = child.id().expect("it runs").to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().expect("it is sent").success());
        }
    }
    assert_eq!(beginnings.next(), None, "not every line came");
    child.wait().await.expect("it ends").code()
}

#[tokio::test]
async fn a_run_that_cannot_be_resumed_holds_no_other_up_and_can_be_given_up() {
    let tools = killed("held-up").await;
    let file = tools.folder.join("nightly.toml");
    // Another run that was begun, and whose secret is not there.
    let text = std::fs::read_to_string(&file).expect("the pipeline").replace("nightly", "hourly");
    let hourly = tools.folder.join("hourly").join("hourly.toml");
    let mut store = Store::open(&tools.folder.join("host-harness.db")).expect("the store");
    drop(store.begin("hourly", &hourly.to_string_lossy(), &text, &[], Timestamp::now()).expect("a run"));
    drop(store);

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
