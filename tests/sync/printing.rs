//! What becomes of an answer that cannot be printed: on a full disk, or to a reader that has gone.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use stitch_simulator::{Phase, Plan, Route};

use crate::command_line::{CommandLine, Printed, QUICKLY, hour_long};

/// Where an answer goes.
#[derive(Clone, Copy, Debug)]
enum Sink {
    FullDisk,
    ClosedPipe,
}

/// Runs a command whose answer goes there.
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

/// The run among what was told.
fn run_told(printed: &Printed) -> String {
    let line = printed
        .stderr
        .lines()
        .find(|line| line.starts_with("{\"run\":"))
        .unwrap_or_else(|| panic!("{}", printed.stderr));
    line.to_owned()
}

const FULL: &str = "error: the answer could not be printed whole: No space left on device (os error 28)";

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

#[tokio::test]
async fn every_other_answer_that_cannot_be_printed_is_an_error_and_a_reader_that_has_gone_is_none() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    for output in ["json", "text"] {
        let programs = || {
            ["describe", "inspect"]
                .map(|command| {
                    let mut program = command_line.bare(command);
                    program.args(["--output", output]);
                    program
                })
                .into_iter()
                .chain([command_line.usual("check", &["--output", output])])
        };
        for program in programs() {
            let printed = printed_to(Sink::FullDisk, program).await;
            assert_eq!(printed.code, Some(3), "{}", printed.stderr);
            assert!(printed.stderr.contains(FULL), "{}", printed.stderr);
        }
        for program in programs() {
            let printed = printed_to(Sink::ClosedPipe, program).await;
            assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
        }
    }
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

/// How many columns a line without wide characters takes.
fn console_width(line: &str) -> usize {
    let coloured = ["\u{1b}[31m", "\u{1b}[32m", "\u{1b}[0m"];
    coloured.iter().fold(line.to_owned(), |line, code| line.replace(code, "")).chars().count()
}

/// What a command prints on a terminal of this width.
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
    // The end of a terminal is an error.
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
        // Behind the spinner, all but links.
        let (_, report) = shown.split_once("no such table").expect("the report");
        let too_long = report.lines().find(|line| console_width(line) > 60 && !line.contains("http"));
        assert_eq!(too_long, None, "{shown}");
    }
    let piped = command_line.call("run", &QUICKLY).await;
    assert!(piped.stdout.starts_with("failed: source") && !piped.stdout.contains('\u{1b}'), "{}", piped.stdout);
}
