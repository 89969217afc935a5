//! Answers that cannot be printed: on a full disk, or to a closed pipe.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use host_harness::store::Store;
use stitch_simulator::{Phase, Plan, Route};

use crate::artifact;
use crate::command_line::{CommandLine, Printed, QUICKLY, hour_long};
use crate::three_tools::ThreeTools;

/// The destination of an answer.
#[derive(Clone, Copy, Debug)]
enum Sink {
    FullDisk,
    ClosedPipe,
}

/// Runs a command with its stdout there.
async fn printed_to(sink: Sink, mut program: Command) -> Printed {
    let stdout = match sink {
        Sink::FullDisk => Stdio::from(File::options().write(true).open("/dev/full").expect("a full disk")),
        Sink::ClosedPipe => {
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            Stdio::from(writer)
        }
    };
    let child = program.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped()).spawn().expect("it starts");
    tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("no panic").expect("its end").into()
}

/// The run in the output.
fn run_told(printed: &Printed) -> String {
    let line = printed
        .stderr
        .lines()
        .find(|line| line.starts_with("{\"run\":"))
        .unwrap_or_else(|| panic!("{}", printed.stderr));
    line.to_owned()
}

const FULL: &str = "error: the answer could not be printed in full: No space left on device (os error 28)";

#[tokio::test]
async fn a_run_that_was_started_is_told_where_its_answer_cannot_be_printed() {
    for sink in [Sink::FullDisk, Sink::ClosedPipe] {
        for output in ["json", "text"] {
            let command_line = hour_long().await;
            let printed = printed_to(sink, command_line.usual("trigger", &["--output", output])).await;
            assert_eq!(printed.code, Some(3), "{sink:?}: {}", printed.stderr);
            assert!(printed.stderr.contains("its file to `host-harness poll --run`"), "{}", printed.stderr);
            let polled = command_line.call_with_input("poll", &["--run", "-"], &run_told(&printed)).await;
            assert_eq!(polled.code, Some(0), "{}", polled.stderr);
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("printing-{sink:?}-{output}"));
            std::fs::write(&file, run_told(&printed)).expect("a file");
            for command in ["poll", "cancel"] {
                let options = ["--output", output, "--run", file.to_str().expect("UTF-8")];
                let program = command_line.usual(command, &options);
                let printed = printed_to(sink, program).await;
                assert_eq!(printed.code, Some(3), "{command} {sink:?}: {}", printed.stderr);
                run_told(&printed);
            }
        }
    }
}

#[tokio::test]
async fn a_verdict_that_cannot_be_printed_is_told_beside_it_and_no_success() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let printed = printed_to(Sink::FullDisk, command_line.usual("run", &QUICKLY)).await;
    assert_eq!(printed.code, Some(3), "{}", printed.stderr);
    assert!(printed.stderr.contains(FULL), "{}", printed.stderr);
    assert!(printed.stderr.contains("source 120643: the extraction succeeded"), "{}", printed.stderr);
    assert_eq!(command_line.scenario.simulator.count(Route::StartJob), 1);
}

/// Asserts that a full disk is an error, and that a closed pipe is not: then the command exits with this code.
async fn told_of_a_full_disk_alone(what: &str, program: impl Fn() -> Command, code: i32) {
    let printed = printed_to(Sink::FullDisk, program()).await;
    assert_eq!(printed.code, Some(3), "{what}: {}", printed.stderr);
    assert!(printed.stderr.contains(FULL), "{what}: {}", printed.stderr);
    let printed = printed_to(Sink::ClosedPipe, program()).await;
    assert_eq!(printed.code, Some(code), "{what}: {}", printed.stderr);
    assert!(!printed.stderr.contains("could not be printed"), "{what}: {}", printed.stderr);
}

#[tokio::test]
async fn what_a_plugin_says_of_itself_and_the_help_cannot_be_lost_unnoticed() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let kit = Path::new(env!("CARGO_TARGET_TMPDIR")).join("printed-kit");
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kit/kit.toml")).expect("the kit");
    std::fs::create_dir_all(&kit).expect("a folder");
    std::fs::write(kit.join("kit.toml"), &text[..text.find("# --- stopping").expect("its parts")]).expect("a file");
    for output in ["json", "text", "junit"] {
        let conformance = || {
            let mut program = command_line.bare("conformance");
            program.arg("--kit").arg(&kit).args(["--output", output]);
            program
        };
        // The kit lacks a part, so that not every check passes.
        told_of_a_full_disk_alone("conformance", conformance, 1).await;
    }
    for output in ["json", "text"] {
        for command in ["describe", "inspect"] {
            let program = || {
                let mut program = command_line.bare(command);
                program.args(["--output", output]);
                program
            };
            told_of_a_full_disk_alone(command, program, 0).await;
        }
        told_of_a_full_disk_alone("check", || command_line.usual("check", &["--output", output]), 0).await;
    }
    for words in [&["--help"][..], &["--version"], &["help", "run"], &["runs", "list", "--help"]] {
        let program = || {
            let mut program = artifact::host_harness();
            program.args(words);
            program
        };
        told_of_a_full_disk_alone(words[0], program, 0).await;
    }
}

#[tokio::test]
async fn what_is_said_of_pipelines_and_their_runs_cannot_be_lost_unnoticed() {
    let tools = ThreeTools::new("printing", Duration::ZERO).await;
    let program = |words: &'static [&str]| {
        let folder = tools.folder.clone();
        move || {
            let mut program = artifact::host_harness();
            program.current_dir(&folder).args(words);
            if matches!(words, ["resume"] | ["pipeline", "run", ..]) {
                program.args(["--poll-interval", "200ms", "--ignore-poll-hint"]);
            }
            program
        }
    };
    // One of its tasks fails.
    told_of_a_full_disk_alone("pipeline run", program(&["pipeline", "run", "nightly.toml"]), 1).await;
    for words in [
        &["pipeline", "check", "nightly.toml"][..],
        &["pipeline", "check", "nightly.toml", "--output", "json"],
        &["resume"],
        &["resume", "--output", "json"],
        &["runs", "list"],
        &["runs", "list", "--output", "json"],
        &["runs", "show", "1"],
        &["runs", "show", "1", "--output", "json"],
        &["runs", "export", "--format", "json"],
        &["runs", "export", "--format", "csv"],
    ] {
        told_of_a_full_disk_alone(&words.join(" "), program(words), 0).await;
    }
    let begin = || {
        let mut store = Store::open(&tools.folder.join("host-harness.db")).expect("the store");
        store.begin("hourly", "hourly.toml", "", &[], jiff::Timestamp::now()).expect("a run");
    };
    for (words, sink, code) in [
        (&["runs", "abandon", "3"][..], Sink::FullDisk, 3),
        (&["runs", "abandon", "4", "--output", "json"], Sink::FullDisk, 3),
        (&["runs", "abandon", "5"], Sink::ClosedPipe, 0),
    ] {
        begin();
        let printed = printed_to(sink, program(words)()).await;
        assert_eq!((printed.code, printed.stderr.contains(FULL)), (Some(code), code == 3), "{}", printed.stderr);
    }
    assert!(tools.killed(&["pipeline", "run", "nightly.toml"], 9, Duration::ZERO).await);
    let printed = printed_to(Sink::FullDisk, program(&["resume"])()).await;
    assert_eq!((printed.code, printed.stderr.contains(FULL)), (Some(3), true), "{}", printed.stderr);
}

#[tokio::test]
async fn a_file_that_may_not_grow_loses_no_run() {
    let command_line = hour_long().await;
    let usual = command_line.usual("trigger", &[]);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("printing-cramped");
    let mut shell = Command::new("sh");
    // A plugin's memory is a file, too; the answer would need more than is left.
    std::fs::write(&file, vec![b' '; 64 << 10]).expect("a file");
    shell.args(["-c", "ulimit -f 128; exec \"$@\" >> \"$FILE\"", "sh"]).arg(usual.get_program()).args(usual.get_args());
    shell.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("FILE", &file);
    let child = shell.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let printed: Printed =
        tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("no panic").expect("its end").into();
    assert_eq!(printed.code, Some(3), "{}", printed.stderr);
    assert!(printed.stderr.contains("File too large"), "{}", printed.stderr);
    run_told(&printed);
}

#[tokio::test]
async fn a_watch_goes_on_where_nothing_can_be_told_beside_it() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let mut program = command_line.usual("run", &QUICKLY);
    let full = File::options().write(true).open("/dev/full").expect("a full disk");
    let child = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(full).spawn().expect("it starts");
    let printed: Printed =
        tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("no panic").expect("its end").into();
    assert_eq!(printed.code, Some(0));
    assert!(printed.stdout.contains("the extraction succeeded"), "{}", printed.stdout);
}

/// The width of a line without wide characters, in columns.
fn console_width(line: &str) -> usize {
    let coloured = ["\u{1b}[31m", "\u{1b}[32m", "\u{1b}[0m"];
    coloured.iter().fold(line.to_owned(), |line, code| line.replace(code, "")).chars().count()
}

/// The output of a command on a terminal of this width.
fn on_a_terminal(columns: u16, mut program: Command, variables: &[(&str, &str)]) -> String {
    use std::io::Read;

    let size = rustix_openpty::rustix::termios::Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = rustix_openpty::openpty(None, Some(&size)).expect("a terminal");
    let [stdout, stderr] = [(); 2].map(|()| Stdio::from(pty.user.try_clone().expect("its side")));
    program.stdin(Stdio::null()).stdout(stdout).stderr(stderr).env("TERM", "xterm-256color");
    program.env_remove("NO_COLOR").env_remove("CLICOLOR").env_remove("CLICOLOR_FORCE");
    program.envs(variables.iter().copied());
    let mut child = program.spawn().expect("it starts");
    drop((program, pty.user));
    let mut shown = Vec::new();
    // Reading at the end of a terminal is an error.
    _ = File::from(pty.controller).read_to_end(&mut shown);
    child.wait().expect("its end");
    String::from_utf8(shown).expect("UTF-8")
}

#[tokio::test]
async fn a_terminal_shows_verdicts_in_colour_unless_that_is_not_wanted_and_breaks_no_line_at_its_edge() {
    let command_line = CommandLine::planned(Plan::fails(Phase::Tap, 1, "no such table ".repeat(20))).await;
    for (variables, coloured) in
        [(&[][..], true), (&[("NO_COLOR", "1")], false), (&[("CLICOLOR", "0")], false), (&[("TERM", "dumb")], false)]
    {
        let program = command_line.usual("run", &[&QUICKLY[..], &["--output", "text"]].concat());
        let variables = variables.to_vec();
        let shown =
            tokio::task::spawn_blocking(move || on_a_terminal(60, program, &variables)).await.expect("no panic");
        let verdict = if coloured { "\u{1b}[31m✗ failed\u{1b}[0m: source" } else { "✗ failed: source" };
        assert!(shown.contains(verdict), "{shown:?}");
        // Everything after the spinner but links.
        let (_, report) = shown.split_once("no such table").expect("the report");
        let too_long = report.lines().find(|line| console_width(line) > 60 && !line.contains("http"));
        assert_eq!(too_long, None, "{shown}");
    }
    let piped = command_line.call("run", &QUICKLY).await;
    assert!(piped.stdout.starts_with("failed: source") && !piped.stdout.contains('\u{1b}'), "{}", piped.stdout);
}

#[tokio::test]
async fn an_error_on_a_terminal_is_broken_at_its_edge_too_and_keeps_its_commands_whole() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let url = command_line.scenario.simulator.url();
    let mut program = command_line.bare("run");
    program.args(["--param", "source_id=120643", "--secret", "access_token=env:STITCH_ACCESS_TOKEN"]);
    program.args(["--connection", &format!("base_url={url}"), "--allow", &format!("GET {url}")]);
    let shown = tokio::task::spawn_blocking(|| on_a_terminal(60, program, &[])).await.expect("no panic");
    let (_, error) = shown.split_once("✗ error\u{1b}[0m: ").unwrap_or_else(|| panic!("{shown:?}"));
    let command = format!("--allow 'POST {url}/v4/sources/120643/sync'");
    assert!(error.contains(&command), "{shown}");
    let too_long = error.lines().skip(1).find(|line| console_width(line) > 60 && !line.contains("http"));
    assert_eq!((too_long, error.lines().count() > 3), (None, true), "{shown}");
}
