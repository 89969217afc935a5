//! The token is shown nowhere: not in output, runs, logs or `Debug`.

use std::time::Duration;

use host_harness::Secret;
use host_harness::contract::ErrorKind;
use http::StatusCode;
use stitch_simulator::{Answer, ErrorBody, Fault, Phase, Plan};

use crate::command_line::{CommandLine, spawned};
use crate::scenario::{SOURCE_ID, Scenario, TOKEN, refused, running};

/// Asserts that neither the token nor the header with it is in `text`.
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

/// Faults of any request; two of them echo the token.
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

#[tokio::test]
async fn stitch_gets_it_and_accepts_it() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    running(scenario.trigger().await);
    let requests = scenario.simulator.requests();
    assert_eq!(requests[0].header("authorization"), format!("Bearer {TOKEN}"));
}

#[tokio::test]
async fn it_goes_to_no_origin_that_it_was_not_granted() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let elsewhere = "https://api.stitchdata.com".parse().expect("an origin");
    let arguments = scenario.arguments().secret("access_token", Secret::new(TOKEN).only_for([elsewhere]));
    let call = scenario.plugin.trigger(&arguments).await;
    let url = scenario.simulator.url();
    assert_eq!(
        call.denied.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [format!("the plugin put the secret `access_token` into a header of a request to {url}, where it may not go")]
    );
    assert_eq!(refused(call).kind, ErrorKind::Denied);
    assert_eq!(scenario.simulator.requests().len(), 0);
}

/// The plugin itself redacts the text that it got as the token, as `***`. Stars of the token's length show that it got
/// a placeholder, and that the host redacted Stitch's echo.
#[tokio::test]
async fn the_plugin_never_sees_it_not_even_when_stitch_says_it_back() {
    let echo = ErrorBody::Bare(format!("no such token: {TOKEN}")).with_status(StatusCode::UNAUTHORIZED);
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let stars = "*".repeat(TOKEN.len());
    for (arguments, message) in [
        (scenario.arguments(), format!("no such token: {stars}")),
        (scenario.arguments().expose_secrets(), "no such token: ***".to_owned()),
    ] {
        scenario.simulator.fault(Fault::anywhere().answer(echo.clone()));
        let error = refused(scenario.plugin.trigger(&arguments).await);
        assert_eq!(error.raw_message, Some(message));
    }
}

/// The token, each character escaped as JSON or a template may do it.
fn escaped() -> [String; 4] {
    let each = |write: fn(u32) -> String| TOKEN.chars().map(|c| write(u32::from(c))).collect();
    [
        each(|c| format!("\\u{c:04X}")),
        each(|c| format!("&#x{c:x};")),
        each(|c| format!("%{c:02X}")),
        each(|c| format!("\\\\u{c:04x}")),
    ]
}

#[tokio::test]
async fn escapes_hide_it_neither_from_the_plugin_nor_from_what_is_printed() {
    let scenario = Scenario::planned(Plan::succeeds()).await;
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    for text in escaped() {
        let body = format!("\"no such token: {text}\"");
        let echo = || Fault::anywhere().answer(Answer::text(StatusCode::UNAUTHORIZED, "application/json", &*body));
        scenario.simulator.fault(echo());
        let error = refused(scenario.plugin.trigger(&scenario.arguments()).await);
        assert_eq!(error.raw_message, Some(format!("no such token: {}", "*".repeat(text.len()))));
        scenario.simulator.fault(echo());
        let error = refused(scenario.plugin.trigger(&scenario.arguments().expose_secrets()).await);
        assert_eq!(error.raw_message.as_deref(), Some("no such token: ***"));
        command_line.scenario.simulator.fault(echo());
        let printed = command_line.call("trigger", &["--output", "json", "--expose-secrets"]).await;
        assert!(printed.stdout.contains("no such token: ***\""), "{}", printed.stdout);
    }
}

#[tokio::test]
async fn the_command_line_says_when_the_plugin_sees_it() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = command_line.call("trigger", &["--expose-secrets"]).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert_eq!(
        printed.stderr,
        "--expose-secrets: the plugin sees access_token and can send it in any form wherever it may send anything\n"
    );
    assert_eq!(command_line.call("trigger", &[]).await.stderr, "");
}

#[tokio::test]
async fn the_command_line_keeps_it_to_the_origins_named_for_it() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let url = command_line.scenario.simulator.url();
    let granted = command_line.call("check", &["--secret-origin", &format!("access_token={url}")]).await;
    assert_eq!(granted.code, Some(0), "{}", granted.stderr);
    let refused = command_line.call("trigger", &["--secret-origin", "access_token=https://example.com"]).await;
    assert_eq!(refused.code, Some(3));
    assert!(refused.stderr.contains(&format!("add --secret-origin access_token={url}")), "{}", refused.stderr);
    let unknown = command_line.call("trigger", &["--secret-origin", "token=https://example.com"]).await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stdout.contains("--secret-origin token: there is no --secret token"), "{}", unknown.stdout);
}
