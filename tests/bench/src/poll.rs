//! A poll in a fresh instance, beside the same request by a client without a sandbox.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use host_harness::{Arguments, Host, Plugin};
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;

use crate::scenario::{CLIENT_ID, TOKEN};
use crate::server::Server;
use crate::stitch;
use crate::table::Row;
use crate::times::Pair;

/// The requests that are under way at once, in the second row.
const AT_ONCE: usize = 32;
/// Polls of each of those in a round.
const EACH: usize = 8;

/// A page with one source, and a full one.
const SOURCES: [u64; 2] = [1, 100];

/// A plugin and a client that ask for the same page.
struct Asked {
    plugin: Plugin,
    arguments: Arguments,
    run: String,
    client: Client<HttpConnector, Empty<Bytes>>,
    url: String,
}

impl Asked {
    async fn new(host: &Host, url: &str) -> anyhow::Result<Self> {
        let plugin = stitch::plugin(host, url)?;
        let arguments = stitch::arguments(url, 1);
        let run = stitch::steady(&plugin, &arguments).await?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { plugin, arguments, run, client, url: format!("{url}/v4/{CLIENT_ID}/extractions?page=1") })
    }

    /// By the plugin, in a fresh instance.
    async fn poll(&self) -> anyhow::Result<()> {
        let call = self.plugin.poll(&self.arguments, &self.run).await;
        ensure!(call.requests.len() == 1, "{} requests", call.requests.len());
        stitch::run(call.outcome).map(drop)
    }

    async fn polls(self: Arc<Self>) -> anyhow::Result<()> {
        for _ in 0..EACH {
            self.poll().await?;
        }
        Ok(())
    }

    async fn gets(self: Arc<Self>) -> anyhow::Result<()> {
        for _ in 0..EACH {
            self.get().await?;
        }
        Ok(())
    }

    /// By the client alone.
    async fn get(&self) -> anyhow::Result<()> {
        let request = Request::get(&self.url).header(AUTHORIZATION, format!("Bearer {TOKEN}")).body(Empty::new())?;
        let response = self.client.request(request).await?;
        ensure!(response.status() == StatusCode::OK, "{}", response.status());
        response.into_body().collect().await?;
        Ok(())
    }
}

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    let (host, mut rows) = (stitch::host("poll")?, Vec::new());
    for sources in SOURCES {
        let server = Server::start(sources)?;
        let asked = Arc::new(Asked::new(&host, server.url()).await?);
        let page = if sources == 1 { "a page of 1 row".to_owned() } else { format!("a page of {sources} rows") };
        let figure = |times: &str| format!("a poll in a fresh instance ÷ its request by hyper alone, {page}, {times}");
        // Until both have their connections.
        at_once(&asked, Asked::polls).await?;
        at_once(&asked, Asked::gets).await?;
        let pair = Pair::of(2_000, async || asked.poll().await, async || asked.get().await).await?;
        rows.push(Row::at_most(figure("1 at a time"), 2.5, pair.ratio(), pair.shown()));
        let polls = async || at_once(&asked, Asked::polls).await;
        let pair = Pair::of(20, polls, async || at_once(&asked, Asked::gets).await).await?;
        rows.push(Row::at_most(figure("32 at once"), 2.5, pair.ratio(), pair.shown()));
        let a_second = |time: Duration| (AT_ONCE * EACH) as f64 / time.as_secs_f64();
        let measured = format!("{:.0} (hyper alone {:.0})", a_second(pair.one), a_second(pair.other));
        rows.push(Row::reported(format!("polls a second, 32 at once, {page}, all guards on"), measured));
    }
    Ok(rows)
}

/// Does this in so many tasks.
async fn at_once<W>(asked: &Arc<Asked>, work: impl Fn(Arc<Asked>) -> W) -> anyhow::Result<()>
where
    W: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let workers: JoinSet<_> = (0..AT_ONCE).map(|_| work(Arc::clone(asked))).collect();
    workers.join_all().await.into_iter().collect()
}
