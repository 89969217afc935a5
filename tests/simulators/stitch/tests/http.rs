//! The simulator over real HTTP, with a client that sees every byte.
#![allow(clippy::unwrap_used)]

use std::io;
use std::time::{Duration, Instant};

use http::StatusCode;
use stitch_simulator::{Clock, ErrorBody, Fault, Route, Simulator, World};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const READ: &str = "GET /v4/sources/12";
const START: &str = "POST /v4/sources/12/sync";

async fn simulator() -> Simulator {
    let mut world = World::new();
    world.account(1, "a-token").with_sources([12]);
    Simulator::start(world).await.unwrap()
}

/// A connection to the simulator.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(simulator: &Simulator) -> Self {
        let address = simulator.url().replace("http://", "");
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    async fn send(&mut self, request: &str) {
        let head = "Host: localhost\r\nAuthorization: Bearer a-token\r\nUser-Agent: test/1\r\nContent-Length: 0";
        self.0.write_all(format!("{request} HTTP/1.1\r\n{head}\r\n\r\n").as_bytes()).await.unwrap();
    }

    /// Reads an answer: its head, and its body as far as it comes.
    async fn receive(&mut self) -> io::Result<(String, io::Result<String>)> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_lowercase();
        let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        let read = self.0.read_exact(&mut body).await;
        Ok((head, read.map(|_| String::from_utf8(body).unwrap())))
    }

    async fn ask(&mut self, request: &str) -> (String, String) {
        self.send(request).await;
        let (head, body) = self.receive().await.unwrap();
        (head, body.unwrap())
    }
}

#[tokio::test]
async fn a_connection_is_kept_alive() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    for _ in 0..3 {
        let (head, body) = client.ask(READ).await;
        assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
        assert!(head.contains("\r\ndate: mon, 05 jan 2026 09:00:00 gmt\r\n"), "{head}");
        assert!(body.contains(r#""id":12"#), "{body}");
    }
}

#[tokio::test]
async fn time_moves_when_told() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.ask(START).await;
    simulator.advance(Duration::from_mins(1));
    let (head, _) = client.ask(READ).await;
    assert!(head.contains("09:01:00 gmt"), "{head}");
    assert!(simulator.with(|world| world.source(12).running_job().is_none()));
    assert_eq!(simulator.now(), simulator.with(|world| world.now()));
}

#[tokio::test]
async fn a_scaled_clock_goes_by_itself() {
    let world = World::new();
    let clock = Clock::scaled(world.now(), 1e6);
    let simulator = Simulator::start_with(world, clock, 0).await.unwrap();
    let before = simulator.now();
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert!(simulator.now() > before + Duration::from_secs(1000));
}

#[tokio::test]
async fn requests_are_recorded_with_their_headers_and_counted() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.ask("GET /v4/1/extractions?page=1").await;
    simulator.advance(Duration::from_secs(20));
    client.ask("GET /v4/1/loads").await;
    let [first, second] = simulator.requests().try_into().unwrap();
    assert_eq!((first.method.as_str(), first.path_and_query.as_str()), ("GET", "/v4/1/extractions?page=1"));
    assert_eq!((first.route(), second.route()), (Route::ListExtractions, Route::ListLoads));
    assert_eq!((first.header("user-agent"), first.header("authorization")), ("test/1", "Bearer a-token"));
    assert_eq!(second.at, World::START + Duration::from_secs(20));
    assert_eq!(simulator.count(Route::ListLoads), 1);
    assert_eq!(simulator.budget(1).most_in_window, 2);
}

#[tokio::test]
async fn a_reset_comes_in_place_of_an_answer() {
    let simulator = simulator().await;
    simulator.fault(Fault::on(Route::StartJob).reset());
    let mut client = Client::connect(&simulator).await;
    client.send(START).await;
    assert_eq!(client.receive().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert!(simulator.with(|world| world.source(12).running_job().is_some()));
}

#[tokio::test]
async fn a_truncated_answer_has_its_head_and_half_of_its_body() {
    let simulator = simulator().await;
    simulator.fault(Fault::on(Route::ReadSource).truncated());
    let mut client = Client::connect(&simulator).await;
    client.send(READ).await;
    let (head, body) = client.receive().await.unwrap();
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert_eq!(body.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    let (_, whole) = Client::connect(&simulator).await.ask(READ).await;
    assert!(head.contains(&format!("content-length: {}\r\n", whole.len())), "{head}");
}

#[tokio::test]
async fn the_first_half_of_a_truncated_body_arrives() {
    let simulator = simulator().await;
    simulator.fault(Fault::on(Route::ReadSource).truncated());
    let mut client = Client::connect(&simulator).await;
    client.send(READ).await;
    let mut all = String::new();
    client.0.read_to_string(&mut all).await.unwrap();
    assert!(all.contains("\r\n\r\n{\"created_at\":"), "{all}");
}

#[tokio::test]
async fn an_html_page_and_an_empty_body_are_sent_as_they_are() {
    let simulator = simulator().await;
    let html = ErrorBody::Html("502 Bad Gateway".to_owned()).with_status(StatusCode::BAD_GATEWAY);
    simulator.fault(Fault::anywhere().answer(html));
    simulator.fault(Fault::anywhere().status(StatusCode::UNAUTHORIZED));
    let mut client = Client::connect(&simulator).await;
    let (head, body) = client.ask(READ).await;
    assert!(head.starts_with("http/1.1 502") && head.contains("content-type: text/html"), "{head}");
    assert!(body.starts_with("<html>"), "{body}");
    let (head, body) = client.ask(READ).await;
    assert!(head.starts_with("http/1.1 401") && !head.contains("content-type"), "{head}");
    assert_eq!(body, "");
}

#[tokio::test]
async fn an_answer_can_be_held_back() {
    let simulator = simulator().await;
    simulator.fault(Fault::anywhere().delay(Duration::from_millis(30)));
    let start = Instant::now();
    Client::connect(&simulator).await.ask(READ).await;
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_simulator_that_is_dropped_closes_its_connections() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.ask(READ).await;
    drop(simulator);
    assert_eq!(client.0.read(&mut [0; 1]).await.unwrap(), 0);
}
