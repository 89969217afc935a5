//! The command line, as a data engineer types it.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use stitch_simulator::{Account, Phase, Plan, Route};

use crate::artifact;
use crate::scenario::{SOURCE_ID, Scenario, TOKEN};

/// A call of the program. Options of one `run` are those of every command.
pub(crate) struct CommandLine {
    pub(crate) scenario: Scenario,
    token: &'static str,
}

/// Its output and exit code.
pub(crate) struct Printed {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Printed {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Printed {
    /// The document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

impl CommandLine {
    pub(crate) async fn new(set_up: impl FnOnce(&mut Account)) -> Self {
        Self { scenario: Scenario::new(set_up).await, token: TOKEN }
    }

    /// A command line with a source that follows this plan, without delays.
    pub(crate) async fn planned(plan: Plan) -> Self {
        let at_once = Duration::ZERO;
        Self::new(|account| {
            account.source(SOURCE_ID).plan(plan.lasting(at_once, at_once, at_once));
        })
        .await
    }

    /// With another token.
    pub(crate) fn with_token(mut self, token: &'static str) -> Self {
        self.token = token;
        self
    }

    /// Runs a command with the usual options and these.
    pub(crate) async fn call(&self, command: &str, options: &[&str]) -> Printed {
        self.call_with_input(command, options, "").await
    }

    /// Runs a command with this standard input.
    pub(crate) async fn call_with_input(&self, command: &str, options: &[&str], input: &str) -> Printed {
        spawned(self.usual(command, options), input.to_owned()).await
    }

    pub(crate) fn usual(&self, command: &str, options: &[&str]) -> Command {
        let url = self.scenario.simulator.url();
        let mut program = self.bare(command);
        program.args(["--param", "source_id=120643", "--connection", &format!("base_url={url}"), "--allow", &url]);
        program.args(["--secret", "access_token=env:STITCH_ACCESS_TOKEN"]).args(options);
        program
    }

    /// The program, a command and the plugin.
    pub(crate) fn bare(&self, command: &str) -> Command {
        let mut program = artifact::host_harness();
        program.arg(command).arg("--plugin").arg(artifact::plugin());
        program.env("STITCH_ACCESS_TOKEN", self.token);
        program
    }
}

/// Runs a program beside the simulator, which needs this thread.
pub(crate) async fn spawned(mut program: Command, input: String) -> Printed {
    let run = move || {
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        // A program that does not read its input closes it.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        child.wait_with_output()
    };
    tokio::task::spawn_blocking(run).await.expect("no panic").expect("the program runs").into()
}

/// Options for fast polls, and with a timeout for a test that hangs.
pub(crate) const QUICKLY: [&str; 5] = ["--poll-interval", "10ms", "--ignore-poll-hint", "--timeout", "10s"];

#[tokio::test]
async fn a_run_that_succeeds_exits_with_0_and_reports() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = command_line.call("run", &QUICKLY).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert!(printed.stdout.contains("source 120643: the extraction succeeded"), "{}", printed.stdout);
}

#[tokio::test]
async fn as_json_a_run_is_one_document() {
    let command_line = CommandLine::planned(Plan::fails(Phase::Tap, 1, "no such table")).await;
    let printed = command_line.call("run", &[&QUICKLY[..], &["--output", "json"]].concat()).await;
    assert_eq!(printed.code, Some(1), "{}", printed.stderr);
    let document = printed.json();
    assert_eq!(document["verdict"], "failed");
    assert_eq!(document["message"], "source 120643: the tap failed with exit status 1: no such table");
    let tap = json!({"name": "tap", "status": "failed", "exit_code": 1, "message": "no such table"});
    assert_eq!(document["steps"][1], tap);
    assert_eq!(document["metadata"]["source_id"], SOURCE_ID);
    assert_eq!(document["requests"], 2);
}

#[tokio::test]
async fn the_exit_code_tells_how_it_ended() {
    for (plan, code) in [
        (Plan::succeeds(), 0),
        (Plan::fails(Phase::Target, 1, "x"), 1),
        (Plan::terminated(), 1),
        (Plan::succeeds().followed_by(Duration::ZERO, Plan::succeeds()), 5),
    ] {
        let command_line = CommandLine::new(|account| {
            account.source(SOURCE_ID).plan(plan);
        });
        let command_line = command_line.await;
        let triggered = command_line.call("trigger", &[]).await;
        command_line.scenario.simulator.advance(Duration::from_hours(1));
        let polled = command_line.call_with_input("poll", &["--run", "-"], &triggered.stdout).await;
        assert_eq!(polled.code, Some(code), "{}{}", polled.stdout, polled.stderr);
    }
}

#[tokio::test]
async fn a_wrong_token_exits_with_3_and_says_what_stitch_said() {
    let command_line = CommandLine::planned(Plan::succeeds()).await.with_token("another");
    let printed = command_line.call("run", &["--output", "json"]).await;
    assert_eq!(printed.code, Some(3));
    let error = &printed.json()["error"];
    assert_eq!((&error["kind"], &error["http_status"]), (&json!("unauthorized"), &json!(401)));
    assert_eq!(error["message"], error["raw_message"]);
}

#[tokio::test]
async fn bad_input_exits_with_2_and_names_the_field() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let token = ["--secret", "access_token=env:STITCH_ACCESS_TOKEN"];
    for (options, named) in [
        (vec!["--param", "source_id=0"], "source_id"),
        (vec!["--param", "source_id=many"], "source_id"),
        (vec![], "source_id"),
        (vec!["--param", "source_id=1", "--param", "wait_for=ever"], "wait_for"),
        (vec!["--param", "source_id=1", "--connection", "base_url=nowhere"], "base_url"),
        (vec!["--param", "source_id=1", "--connection", "access_token=x"], "access_token"),
    ] {
        let mut program = command_line.bare("run");
        program.args(&options);
        if !options.iter().any(|option| option.starts_with("access_token")) {
            program.args(token);
        }
        let printed = spawned(program, String::new()).await;
        assert_eq!(printed.code, Some(2), "{options:?}: {}{}", printed.stdout, printed.stderr);
        assert!(printed.stderr.contains(named), "{options:?}: {}", printed.stderr);
    }
    assert_eq!(command_line.scenario.simulator.requests().len(), 0);
}

#[tokio::test]
async fn what_is_not_allowed_is_named_with_the_flag_to_add() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let mut program = command_line.bare("run");
    program.args(["--param", "source_id=1", "--secret", "access_token=env:STITCH_ACCESS_TOKEN"]);
    let printed = spawned(program, String::new()).await;
    assert_eq!(printed.code, Some(3));
    assert!(printed.stderr.contains("--allow https://api.stitchdata.com"), "{}", printed.stderr);
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_takes_a_grant_of_its_own() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let url = command_line.scenario.simulator.url().replace("127.0.0.1", "localhost");
    let run = async |flag: &str| {
        let mut program = command_line.bare("run");
        program.args(["--param", "source_id=120643", "--connection", &format!("base_url={url}"), flag, &url]);
        program.args(["--secret", "access_token=env:STITCH_ACCESS_TOKEN"]).args(QUICKLY);
        spawned(program, String::new()).await
    };
    let printed = run("--allow").await;
    assert_eq!(printed.code, Some(3), "{}", printed.stderr);
    assert!(printed.stderr.contains(&format!("if that is meant, add --allow-internal {url}")), "{}", printed.stderr);
    assert_eq!(command_line.scenario.simulator.requests().len(), 0);
    let printed = run("--allow-internal").await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
}

#[tokio::test]
async fn a_proxy_named_in_the_environment_sees_nothing() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    proxy.set_nonblocking(true).expect("a listener that does not block");
    let address = format!("http://{}", proxy.local_addr().expect("an address"));
    let mut program = command_line.usual("run", &QUICKLY);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        program.env(name, &address);
    }
    program.env_remove("NO_PROXY").env_remove("no_proxy");
    let printed = spawned(program, String::new()).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    assert_eq!(proxy.accept().expect_err("a connection").kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_run_is_triggered_polled_and_cancelled_from_one_process_to_the_next() {
    let command_line = CommandLine::new(|account| {
        account.source(SOURCE_ID);
    });
    let command_line = command_line.await;
    let triggered = command_line.call("trigger", &[]).await;
    assert_eq!(triggered.code, Some(0), "{}", triggered.stderr);
    let polled = command_line.call_with_input("poll", &["--run", "-"], &triggered.stdout).await;
    assert_eq!(polled.json()["verdict"], Value::Null);
    let cancelled = command_line.call_with_input("cancel", &["--run", "-"], &polled.stdout).await;
    assert_eq!(cancelled.json()["message"], "source 120643: stitch was asked to stop the extraction");
    command_line.scenario.simulator.advance(Duration::from_secs(1));
    let ended = command_line.call_with_input("poll", &["--run", "-"], &cancelled.stdout).await;
    assert_eq!((ended.code, &ended.json()["verdict"]), (Some(1), &json!("cancelled")));
}

/// Interrupts a run as Ctrl-C does, once it has started.
async fn interrupted(command_line: &CommandLine, options: &[&str]) -> Printed {
    let (begun, started) = std::sync::mpsc::channel();
    let program = command_line.usual("run", &[&QUICKLY[..4], &["20s"], options].concat());
    let child = tokio::task::spawn_blocking(move || {
        let mut program = program;
        let child =
            program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        begun.send(child.id()).expect("somebody waits");
        child.wait_with_output().expect("it ends")
    });
    while command_line.scenario.simulator.count(Route::ListExtractions) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let id = started.recv().expect("it runs").to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
    while !child.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        command_line.scenario.simulator.advance(Duration::from_secs(1));
    }
    child.await.expect("no panic").into()
}

pub(crate) async fn hour_long() -> CommandLine {
    let hour = Duration::from_hours(1);
    CommandLine::new(|account| {
        account.source(SOURCE_ID).plan(Plan::succeeds().lasting(hour, hour, hour));
    })
    .await
}

#[tokio::test]
async fn an_interrupted_run_is_cancelled_and_exits_with_130() {
    let command_line = hour_long().await;
    let printed = interrupted(&command_line, &["--output", "json"]).await;
    assert_eq!(printed.code, Some(130), "{}", printed.stderr);
    assert_eq!(printed.json()["verdict"], "cancelled");
    assert_eq!(command_line.scenario.simulator.count(Route::StopJob), 1);
}

#[tokio::test]
async fn with_no_cancel_an_interrupted_run_is_left_and_handed_back() {
    let command_line = hour_long().await;
    let printed = interrupted(&command_line, &["--output", "json", "--no-cancel"]).await;
    assert_eq!(printed.code, Some(130), "{}", printed.stderr);
    assert!(printed.json()["run"].as_str().is_some_and(|run| run.contains("stitch-sync/1")));
    assert_eq!(command_line.scenario.simulator.count(Route::StopJob), 0);
}

#[tokio::test]
async fn waiting_too_long_exits_with_4_and_leaves_the_run() {
    let command_line = CommandLine::new(|account| {
        account.source(SOURCE_ID);
    });
    let command_line = command_line.await;
    let options = [&QUICKLY[..3], &["--timeout", "50ms", "--output", "json"]].concat();
    let printed = command_line.call("run", &options).await;
    assert_eq!(printed.code, Some(4), "{}", printed.stderr);
    assert!(printed.json()["run"].as_str().is_some_and(|run| run.contains("stitch-sync/1")));
}

#[tokio::test]
async fn a_plugin_describes_itself_and_checks() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let mut describe = command_line.bare("describe");
    describe.args(["--output", "json"]);
    let printed = spawned(describe, String::new()).await;
    assert_eq!(printed.json()["parameters"][0]["label"], "Source ID");
    let printed = command_line.call("check", &[]).await;
    assert_eq!(printed.code, Some(0), "{}{}", printed.stdout, printed.stderr);
    assert!(printed.stdout.contains("is fully configured"), "{}", printed.stdout);
}

#[tokio::test]
async fn a_limit_that_a_plugin_goes_past_is_named_with_the_flag_that_raises_it() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = command_line.call("run", &["--limit", "requests=0"]).await;
    assert_eq!(printed.code, Some(3));
    assert_eq!(
        printed.stderr,
        "starting the run\n\
         error: the plugin's trigger went past the limit requests of 0 and was ended\n\
         to raise it, add --limit requests=NUMBER\n"
    );
    let json = command_line.call("run", &["--limit", "requests=0", "--output", "json"]).await.json();
    assert_eq!(json["error"]["code"], "limit_exceeded");
    assert_eq!(json["exceeded"], serde_json::json!([{"limit": "requests", "value": "0"}]));
    assert_eq!(json["hints"], serde_json::json!(["to raise it, add --limit requests=NUMBER"]));
}

#[tokio::test]
async fn a_limit_that_a_peer_goes_past_is_named_beside_what_the_plugin_says() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = command_line.call("run", &["--limit", "response_body=10B"]).await;
    assert_eq!(printed.code, Some(3));
    let hint = "\nthe peer went past the limit response_body of 10 B: to raise it, add --limit response_body=SIZE\n";
    assert!(printed.stderr.contains(hint), "{}", printed.stderr);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_told_by_the_one_limit_that_it_went_past() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let triggered = command_line.call("trigger", &[]).await;
    let options = ["--run", "-", "--limit", "response_body=64B"];
    let polled = command_line.call_with_input("poll", &options, &triggered.stdout).await;
    assert_eq!(polled.code, Some(3), "{}", polled.stderr);
    let document = polled.json();
    assert_eq!(
        document["error"]["message"],
        "stitch did not answer: its answer is larger than the host lets through (it went past the limit \
         response_body of 64 B)"
    );
    assert_eq!(document["exceeded"], json!([{"limit": "response_body", "value": "64 B"}]));
}
