//! Signals: each has the effect of Ctrl-C.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use stitch_simulator::{Fault, Plan, Route};

use crate::command_line::{CommandLine, Printed, QUICKLY, hour_long};
use crate::scenario::SOURCE_ID;

/// Sends a signal to a process.
fn signal(name: &str, id: u32) {
    assert!(Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().expect("kill runs").success());
}

fn begun(mut program: Command) -> Child {
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// Waits until the tool has got such a request.
async fn asked(command_line: &CommandLine, route: Route) {
    while command_line.scenario.simulator.count(route) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits for the end of a command, while the tool's time goes on.
async fn ended(command_line: &CommandLine, child: Child) -> Printed {
    let child = tokio::task::spawn_blocking(move || child.wait_with_output().expect("it ends"));
    while !child.is_finished() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        command_line.scenario.simulator.advance(Duration::from_secs(1));
    }
    child.await.expect("no panic").into()
}

/// A watched run of an hour.
async fn watched(command_line: &CommandLine, options: &[&str]) -> Child {
    let child = begun(command_line.usual("run", &[&QUICKLY[..4], &["20s", "--output", "json"], options].concat()));
    asked(command_line, Route::ListExtractions).await;
    child
}

#[tokio::test]
async fn each_signal_that_ends_a_program_cancels_its_run() {
    for name in ["INT", "TERM", "HUP"] {
        let command_line = hour_long().await;
        let child = watched(&command_line, &[]).await;
        signal(name, child.id());
        let printed = ended(&command_line, child).await;
        assert_eq!((printed.code, &printed.json()["verdict"]), (Some(130), &"cancelled".into()), "{}", printed.stderr);
        assert_eq!(command_line.scenario.simulator.count(Route::StopJob), 1, "{name}");
    }
}

#[tokio::test]
async fn a_second_signal_leaves_the_run_at_once_and_hands_it_back() {
    let command_line = hour_long().await;
    let child = watched(&command_line, &[]).await;
    signal("TERM", child.id());
    asked(&command_line, Route::StopJob).await;
    signal("HUP", child.id());
    // No time passes at the tool, so only the second signal ends it.
    let printed: Printed =
        tokio::task::spawn_blocking(move || child.wait_with_output()).await.expect("no panic").expect("its end").into();
    assert_eq!(printed.code, Some(130), "{}", printed.stderr);
    assert!(printed.json()["run"].as_str().is_some_and(|run| run.contains("stitch-sync/1")), "{}", printed.stdout);
}

#[tokio::test]
async fn a_hangup_that_is_ignored_at_the_start_stays_ignored() {
    let command_line = hour_long().await;
    let program = command_line.usual("run", &[&QUICKLY[..4], &["20s", "--output", "json"]].concat());
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(program.get_program()).args(program.get_args());
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = begun(shell);
    asked(&command_line, Route::ListExtractions).await;
    signal("HUP", child.id());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(command_line.scenario.simulator.count(Route::StopJob), 0);
    signal("TERM", child.id());
    assert_eq!(ended(&command_line, child).await.code, Some(130));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn process_1_of_a_container_takes_signals_too() {
    let unshared = |program: &mut Command| {
        program.args(["--user", "--map-root-user", "--pid", "--fork", "--kill-child"]);
    };
    let mut probe = Command::new("unshare");
    unshared(&mut probe);
    if !probe.arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        // Without a PID namespace only the system's first process has the number 1. But its difference shows all the
        // same: an uncaught signal does nothing to it.
        let command_line = hour_long().await;
        let child = watched(&command_line, &[]).await;
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("its status");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("what it catches").trim();
        let caught = u64::from_str_radix(caught, 16).expect("a mask");
        assert_eq!([1, 2, 15].map(|number| caught >> (number - 1) & 1), [1, 1, 1], "{caught:x}");
        signal("TERM", child.id());
        ended(&command_line, child).await;
        return;
    }
    let command_line = hour_long().await;
    let program = command_line.usual("run", &[&QUICKLY[..4], &["20s", "--output", "json"]].concat());
    let mut unshare = Command::new("unshare");
    unshared(&mut unshare);
    unshare.arg(program.get_program()).args(program.get_args());
    unshare.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = begun(unshare);
    asked(&command_line, Route::ListExtractions).await;
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let first = std::fs::read_to_string(children).expect("its child").trim().parse().expect("a number");
    signal("TERM", first);
    let printed = ended(&command_line, child).await;
    assert_eq!((printed.code, &printed.json()["verdict"]), (Some(130), &"cancelled".into()), "{}", printed.stderr);
}

/// A trigger with a slow answer, interrupted this many times.
async fn triggered(signals: usize) -> Printed {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let slow = Fault::on(Route::StartJob).delay(Duration::from_secs(3)).with_effect();
    command_line.scenario.simulator.fault(slow);
    let child = begun(command_line.usual("trigger", &[]));
    asked(&command_line, Route::StartJob).await;
    for _ in 0..signals {
        signal("INT", child.id());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::task::spawn_blocking(move || child.wait_with_output()).await.expect("no panic").expect("its end").into()
}

#[tokio::test]
async fn an_interrupted_trigger_waits_for_its_run_and_a_second_time_says_that_one_may_have_been_started() {
    let printed = triggered(1).await;
    assert_eq!(printed.code, Some(130), "{}", printed.stderr);
    assert!(printed.json()["run"].as_str().is_some_and(|run| run.contains("stitch-sync/1")), "{}", printed.stdout);
    assert!(printed.stderr.contains("waiting for the answer to the trigger"), "{}", printed.stderr);
    let printed = triggered(2).await;
    assert_eq!(printed.code, Some(130), "{}", printed.stderr);
    assert_eq!(
        printed.json()["error"]["message"],
        "interrupted; a run may have been started: look before you trigger another"
    );
}

#[tokio::test]
async fn a_run_that_the_task_only_attached_to_is_left_and_handed_back_by_a_signal_and_by_cancel() {
    let hour = Duration::from_hours(1);
    let command_line = CommandLine::new(|account| {
        account.source(SOURCE_ID).start(Plan::succeeds().lasting(hour, hour, hour)).expect("nothing runs");
    });
    let command_line = command_line.await;
    let attach = ["--param", "on_already_running=attach"];
    let child = watched(&command_line, &attach).await;
    signal("INT", child.id());
    let printed = ended(&command_line, child).await;
    assert_eq!(printed.code, Some(130), "{}", printed.stderr);
    let said = "source 120643 (hubspot_120643): the extraction was running already when the task attached to it, so it is left running: set \
                cancel_attached to cancel it all the same";
    let document = printed.json();
    assert_eq!(document["error"]["message"], format!("interrupted; {said}"));
    assert!(document["run"].as_str().is_some_and(|run| run.contains("stitch-sync/1")), "{document}");
    let options = [&attach[..], &["--run", "-"]].concat();
    let cancelled = command_line.call_with_input("cancel", &options, &printed.stdout).await;
    let error = &cancelled.json()["error"];
    assert_eq!(cancelled.code, Some(3), "{}", cancelled.stderr);
    assert_eq!((&error["code"], &error["message"]), (&"attached".into(), &said.into()));
    assert_eq!(command_line.scenario.simulator.count(Route::StopJob), 0);
}
