//! The simulator over real HTTP, and the binary as a parent process uses it.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use fivetran_simulator::demo_account::{API_SECRET, CONNECTIONS};
use fivetran_simulator::{Account, Plan, Simulator};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The answer to a request; empty if it is lost.
async fn ask(simulator: &Simulator, request: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(simulator.url().replace("http://", "")).await.unwrap();
    // `echo -n a-key:a-secret | base64`
    let head = "Host: localhost\r\nAuthorization: Basic YS1rZXk6YS1zZWNyZXQ=\r\nConnection: close";
    let length = body.len();
    let request = format!("{request} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn answers_are_dated_by_the_simulators_clock_and_can_be_lost() {
    let mut account = Account::new("a-key", "a-secret");
    account.connection("one").plan(Plan::succeeds().losing_its_answer());
    let simulator = Simulator::start(account, 0).await.unwrap();
    simulator.advance(Duration::from_hours(24 * 365 * 100));
    let answer = ask(&simulator, "GET /v1/connections/one", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let date = simulator.now().strftime("date: %a, %d %b %Y").to_string();
    assert!(answer.contains(&date), "{date} is not in {answer}");
    assert_eq!(ask(&simulator, "POST /v1/connections/one/sync", "{}").await, "");
    assert_eq!(simulator.with(|account| account.connection("one").started()), 1);
}

#[test]
fn the_binary_says_where_it_listens_and_at_its_end_what_was_started() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fivetran-simulator"));
    let mut child = command.arg("--until-stdin-closes").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    let mut line = || serde_json::from_str::<Value>(&lines.next().unwrap()).unwrap();
    let introduction = line();
    assert_eq!(introduction["api_secret"], API_SECRET);
    assert_eq!(introduction["connections"].as_array().unwrap().len(), CONNECTIONS.len());
    assert!(introduction["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    drop(child.stdin.take());
    assert_eq!(line()["started"]["steady_elephant"], 0);
    assert!(child.wait().unwrap().success());
}
