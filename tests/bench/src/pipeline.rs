//! What a pipeline takes for each of its tasks, all due at once.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use fault_server::{Fault, Server};
use host_harness::pipeline::{Accounts, Definition, Pipeline, PipelineEnd, RunOptions};
use host_harness::store::{Outcome, Store};
use host_harness::{CompileCache, PollPolicy, SystemClock};
use tokio::sync::watch;

use crate::artifact;
use crate::table::Row;

const FEW: u32 = 100;
const MANY: u32 = 1_000;

/// The most that a task of many may take, in tasks of few: linear, but for what the machine does meanwhile.
const MOST: f64 = 1.25;

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    // Until the plugin is in the cache, and the disk has been written to.
    steps(FEW).await?;
    let (few, many) = (steps(FEW).await?, steps(MANY).await?);
    Ok(few
        .into_iter()
        .zip(many)
        .map(|((step, few), (_, many))| {
            let (few, many) = (few / FEW, many / MANY);
            let ratio = many.as_secs_f64() / few.as_secs_f64();
            let figure = format!("a pipeline of 1,000 tasks due at once ÷ of 100, for each task: {step}");
            Row::at_most(figure, MOST, ratio, format!("{ratio:.2} ({many:.1?} ÷ {few:.1?})"))
        })
        .collect())
}

/// The time of each step, of so many tasks whose runs end with their triggers.
async fn steps(tasks: u32) -> anyhow::Result<[(&'static str, Duration); 4]> {
    let server = Server::plain(Fault::None).await?;
    let folder = artifact::folder("pipeline")?;
    std::fs::write(folder.join("token"), "tok-3b1f0c9d")?;
    let url = server.url();
    let url = url.trim_end_matches('/');
    let mut text = format!(
        "name = \"nightly\"\n[connections.tool]\nplugin = '{}'\nallow = [{url:?}]\nfields.base_url = {url:?}\nsecrets.token = \"file:token\"\n",
        artifact::guest("honest")?.display(),
    );
    for task in 0..tasks {
        write!(text, "[tasks.t{task}]\nconnection = \"tool\"\n")?;
    }
    let cache = CompileCache::open(std::env::temp_dir().join("figures-pipeline"))?;
    let mut begun = Instant::now();
    let mut step = || std::mem::replace(&mut begun, Instant::now()).elapsed();
    let definition = Definition::parse(&text, &folder.join("nightly.toml"))?;
    let parsed = step();
    let resolved = definition.load(Some(&cache)).await?;
    let loaded = step();
    let clock = SystemClock::new();
    let pipeline = Pipeline::start(resolved, Store::open(&folder.join("runs.db"))?, &clock)?;
    let stored = step();
    let (_keep, unwanted) = watch::channel(false);
    let options = RunOptions { clock, accounts: Accounts::default(), policy: PollPolicy::default(), unwanted };
    let end = pipeline.run(options, |_| ()).await?;
    let ran = step();
    ensure!(end == PipelineEnd::Ended(Outcome::Succeeded), "the pipeline ends as {end:?}");
    Ok([("parsing", parsed), ("loading", loaded), ("storing", stored), ("running", ran)])
}
