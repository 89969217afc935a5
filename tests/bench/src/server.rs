//! The server of the figures, in a process of its own: the simulator of Stitch, whose answers to GET are recorded.
//!
//! What is measured beside a server that takes long looks cheaper than it is. So this one only makes an answer once.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::process::{Child, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use stitch_simulator::{Plan, Simulator, World};
use tokio::net::TcpListener;

use crate::artifact;
use crate::scenario::{CLIENT_ID, TOKEN};
use crate::times::HOUR;

/// The path at which it says how many connections it has accepted.
const CONNECTIONS: &str = "/connections";

/// The server's process, which ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Starts it, with so many sources in its account.
    pub(crate) fn start(sources: u64) -> anyhow::Result<Self> {
        let mut command = artifact::itself()?;
        let mut process = command.args(["serve", &sources.to_string()]).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().context("it has an output")?).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }

    /// The origin.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The number of connections that it has accepted, but for this one.
    pub(crate) async fn connections(&self) -> anyhow::Result<usize> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let body = client.get(format!("{}{CONNECTIONS}", self.url).parse()?).await?.collect().await?.to_bytes();
        Ok(str::from_utf8(&body)?.parse::<usize>()? - 1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Behind all connections.
struct Shared {
    simulator: Simulator,
    client: Client<HttpConnector, Full<Bytes>>,
    recorded: Mutex<HashMap<String, Response<Full<Bytes>>>>,
    connections: AtomicUsize,
}

/// Serves until the process is ended, and prints the origin first.
pub(crate) async fn serve(sources: u64) -> anyhow::Result<ExitCode> {
    let mut world = World::new();
    let account = world.account(CLIENT_ID, TOKEN);
    for source in 1..=sources {
        account
            .source(source)
            .paused()
            .job_ago(2 * HOUR, Plan::succeeds())
            .plan(Plan::succeeds().lasting(HOUR, HOUR, HOUR));
    }
    let shared = Arc::new(Shared {
        simulator: Simulator::start(world).await?,
        client: Client::builder(TokioExecutor::new()).build_http(),
        recorded: Mutex::default(),
        connections: AtomicUsize::new(0),
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&shared, request));
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
        });
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.uri().to_string();
    if target == CONNECTIONS {
        return Ok(Response::new(shared.connections.load(Ordering::Relaxed).to_string().into()));
    }
    let recorded = || shared.recorded.lock().unwrap_or_else(PoisonError::into_inner);
    let is_read = request.method() == Method::GET;
    if is_read && let Some(recorded) = recorded().get(&target) {
        return Ok(recorded.clone());
    }
    let answer = ask(shared, request).await.expect("the simulator answers");
    if is_read {
        recorded().insert(target, answer.clone());
    }
    Ok(answer)
}

/// Has the simulator make an answer.
async fn ask(shared: &Shared, request: Request<Incoming>) -> anyhow::Result<Response<Full<Bytes>>> {
    let (mut head, body) = request.into_parts();
    head.uri = format!("{}{}", shared.simulator.url(), head.uri).parse()?;
    let body = body.collect().await?.to_bytes();
    let (head, body) = shared.client.request(Request::from_parts(head, body.into())).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes().into()))
}
