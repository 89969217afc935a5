//! What keeps a run from being resumed, and what it does not keep others from.

use std::process::{Command, Stdio};
use std::time::Duration;

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

/// Sends an interrupt as soon as a line begins so, and gives the exit code.
#[cfg(unix)]
async fn interrupted_after(program: Command, beginning: &str) -> Option<i32> {
    let mut program = tokio::process::Command::from(program);
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut told = BufReader::new(child.stderr.take().expect("its lines")).lines();
    while let Some(line) = told.next_line().await.expect("a line") {
        if line.starts_with(beginning) {
            let id = child.id().expect("it runs").to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().expect("it is sent").success());
        }
    }
    child.wait().await.expect("it ends").code()
}

#[tokio::test]
async fn a_run_that_cannot_be_resumed_holds_no_other_up_and_can_be_given_up() {
    let tools = killed("held-up").await;
    let file = tools.folder.join("nightly.toml");
    let text = std::fs::read_to_string(&file).expect("the pipeline");
    std::fs::write(&file, text.replace("name = \"nightly\"", "name = \"hourly\"")).expect("a file");
    // Another run, whose secret goes away.
    let hourly = tools.folder.join("hourly");
    std::fs::create_dir_all(&hourly).expect("a folder");
    std::fs::copy(&file, hourly.join("hourly.toml")).expect("a file");
    std::fs::copy(tools.folder.join("token"), hourly.join("token")).expect("a file");
    assert!(tools.killed(&["pipeline", "run", "hourly/hourly.toml"], 3, Duration::ZERO).await);
    std::fs::remove_file(hourly.join("token")).expect("it goes");

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
