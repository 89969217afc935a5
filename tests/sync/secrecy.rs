//! The token is shown nowhere: not in what is printed, handed back, logged or formatted.

use std::time::Duration;

use http::StatusCode;
use stitch_simulator::{ErrorBody, Fault, Phase, Plan};

use crate::command_line::{CommandLine, spawned};
use crate::scenario::{SOURCE_ID, Scenario, TOKEN};

/// Ends the test where the token, or the header that holds it, is in `text`.
fn assert_no_token(text: &str) {
    assert!(!text.contains(TOKEN) && !text.contains("Bearer"), "the token is shown: {text}");
}

fn plans() -> Vec<Plan> {
    vec![
        Plan::succeeds(),
        Plan::fails(Phase::Tap, 1, "boom"),
        Plan::terminated(),
        Plan::succeeds().followed_by(Duration::ZERO, Plan::succeeds()),
    ]
}

/// What can go wrong with any request; two of them say the token back.
fn faults() -> Vec<Fault> {
    let echo = |status| ErrorBody::Bare(format!("no such token: {TOKEN}")).with_status(status);
    vec![
        Fault::anywhere().answer(echo(StatusCode::UNAUTHORIZED)),
        Fault::anywhere().answer(echo(StatusCode::OK)),
        Fault::anywhere().status(StatusCode::BAD_GATEWAY),
        Fault::anywhere().reset(),
        Fault::anywhere().truncated(),
    ]
}

#[tokio::test]
async fn the_command_line_prints_it_in_no_case() {
    let mut printed = Vec::new();
    for output in ["text", "json"] {
        let options = ["--poll-interval", "10ms", "--ignore-poll-hint", "--timeout", "2s", "--output", output];
        for plan in plans() {
            printed.push(CommandLine::planned(plan).await.call("run", &options).await);
        }
        for fault in faults() {
            let command_line = CommandLine::planned(Plan::succeeds()).await;
            command_line.scenario.simulator.fault(fault.clone());
            printed.push(command_line.call("run", &options).await);
            command_line.scenario.simulator.fault(fault);
            printed.push(command_line.call("check", &["--output", output]).await);
        }
    }
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let triggered = command_line.call("trigger", &[]).await;
    printed.push(command_line.call_with_input("poll", &["--run", "-"], &triggered.stdout).await);
    printed.push(command_line.call_with_input("cancel", &["--run", "-"], &triggered.stdout).await);
    printed.push(triggered);
    let mut wrong = command_line.bare("run");
    wrong.args(["--param", "source_id=1", "--connection", &format!("access_token={TOKEN}")]);
    printed.push(spawned(wrong, String::new()).await);
    for options in
        [["--secret", &format!("access_token={TOKEN}")], ["--allow", &format!("https://me:{TOKEN}@example.com")]]
    {
        let mut wrong = command_line.bare("run");
        wrong.args(options);
        let refused = spawned(wrong, String::new()).await;
        assert_eq!(refused.code, Some(2));
        printed.push(refused);
    }
    assert!(printed.iter().filter(|printed| !printed.stdout.is_empty()).count() > 20);
    for printed in printed {
        assert_no_token(&printed.stdout);
        assert_no_token(&printed.stderr);
    }
}

#[tokio::test]
async fn a_run_and_what_formats_as_debug_do_not_hold_it() {
    for plan in plans() {
        let scenario = Scenario::planned(plan).await;
        let triggered = scenario.trigger().await;
        assert_no_token(&format!("{triggered:?}"));
        let outcome = scenario.watched().await;
        assert_no_token(&format!("{outcome:?} {:?} {:?}", scenario.arguments(), scenario.plugin));
    }
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let run = scenario.started().await;
    for fault in faults() {
        scenario.simulator.fault(fault);
        assert_no_token(&format!("{:?}", scenario.poll(&run).await));
    }
    assert_no_token(&run);
    assert!(run.contains(&SOURCE_ID.to_string()));
}
