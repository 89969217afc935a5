//! What keeps a run from being resumed, and what it does not keep others from.

use std::time::Duration;

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
