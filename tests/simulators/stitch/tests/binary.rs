//! The binary as a parent process uses it.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use stitch_simulator::demo_world;

fn spawn(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stitch-simulator"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn it_says_where_it_listens_and_stops_with_its_parent() {
    let mut child = spawn(&["--until-stdin-closes"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("listening on http://127.0.0.1:"));
    assert_eq!(lines.next().unwrap(), format!("access token {}", demo_world::ACCESS_TOKEN));
    for source in demo_world::SPECIAL_SOURCES {
        let line = lines.next().unwrap();
        assert!(line.starts_with(&format!("source {}", source.id)) && line.ends_with(source.what), "{line}");
    }
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut child = spawn(&["--port", &port]);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert!(error.starts_with(&format!("stitch-simulator: cannot listen on 127.0.0.1:{port}: ")), "{error}");
    assert!(error.ends_with("; try another --port, or 0\n"), "{error}");
}
