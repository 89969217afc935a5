//! Secrets as people store them: surrounding white space and byte order marks are removed, and more than one secret is
//! refused by its name and the likely cause before anything is sent.

use std::path::{Path, PathBuf};

use stitch_simulator::Plan;

use crate::artifact;
use crate::command_line::{CommandLine, Printed, QUICKLY, spawned};
use crate::scenario::TOKEN;

/// The commands that read a secret and start nothing, or a run.
const COMMANDS: [&str; 3] = ["check", "run", "pipeline"];

/// Calls a command with the secret from `reference`, and with `TOKEN` in the environment.
async fn called(command: &str, command_line: &CommandLine, reference: &str, token: &str) -> Printed {
    let url = command_line.scenario.simulator.url();
    let mut program = artifact::host_harness();
    if command == "pipeline" {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("secrets-as-stored");
        std::fs::create_dir_all(&folder).expect("a folder");
        let text = format!(
            "name = \"nightly\"\n[connections.stitch]\nplugin = '{}'\nallow = [{url:?}]\nfields.base_url = {url:?}\n\
             secrets.access_token = {reference:?}\n[tasks.sync]\nconnection = \"stitch\"\nparameters.source_id = 120643\n",
            artifact::plugin().display(),
        );
        let file = folder.join(format!("{}.toml", url.rsplit(':').next().expect("a port")));
        std::fs::write(&file, text).expect("a file");
        program.args(["pipeline", "check"]).arg(file);
    } else {
        program.arg(command).arg("--plugin").arg(artifact::plugin());
        program.args(["--param", "source_id=120643", "--connection", &format!("base_url={url}"), "--allow", &url]);
        program.args(["--secret", &format!("access_token={reference}")]);
        if command == "run" {
            program.args(QUICKLY);
        }
    }
    let printed = spawned(
        {
            program.env("STORED_TOKEN", token);
            program
        },
        String::new(),
    )
    .await;
    assert!(!printed.stdout.contains(TOKEN) && !printed.stderr.contains(TOKEN), "{}", printed.stderr);
    printed
}

#[tokio::test]
async fn what_stands_around_a_secret_is_taken_off_wherever_it_is_stored() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain(format!("{TOKEN}\r\n").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut stored = vec![
        ("env:STORED_TOKEN".to_owned(), format!("{TOKEN}\n")),
        ("env:STORED_TOKEN".to_owned(), format!(" {TOKEN}\t")),
    ];
    for (name, bytes) in [("bom", format!("\u{feff}{TOKEN}\n").into_bytes()), ("utf-16", utf16)] {
        let file = folder.join(format!("stored-{name}"));
        std::fs::write(&file, bytes).expect("a file");
        stored.push((format!("file:{}", file.display()), String::new()));
    }
    for (reference, token) in stored {
        let command_line = CommandLine::planned(Plan::succeeds()).await;
        for command in COMMANDS {
            let printed = called(command, &command_line, &reference, &token).await;
            assert_eq!(printed.code, Some(0), "{command} {reference}: {}{}", printed.stdout, printed.stderr);
        }
    }
}

#[tokio::test]
async fn more_than_a_secret_is_refused_by_its_likely_cause_before_anything_is_sent() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    for (token, cause) in [
        (format!("{TOKEN}\nother"), "holds a line break: store the value alone, in one line"),
        (format!("\"{TOKEN}\""), "is in quotes: store it without them"),
        (
            format!("Bearer {TOKEN}"),
            "begins with the scheme `Bearer` or `Basic` of a header: store what comes after it, the plugin adds the scheme",
        ),
        (format!("STITCH_ACCESS_TOKEN={TOKEN}"), "looks like `NAME=value` or `name: value`: store the value alone"),
        (format!("access_token: {TOKEN}"), "looks like `NAME=value` or `name: value`: store the value alone"),
        (" \n".to_owned(), "is empty"),
    ] {
        for command in COMMANDS {
            let printed = called(command, &command_line, "env:STORED_TOKEN", &token).await;
            assert_eq!(printed.code, Some(2), "{command}: {}{}", printed.stdout, printed.stderr);
            let message = format!("the secret `access_token` {cause}");
            assert!(printed.stderr.contains(&message), "{command}: {}", printed.stderr);
        }
    }
    assert_eq!(command_line.scenario.simulator.requests().len(), 0);
}
