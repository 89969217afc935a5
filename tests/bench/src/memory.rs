//! The memory of a run that is waited for, each sort in a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use host_harness::pipeline::What;
use host_harness::{PollPolicy, SystemClock, WatchEvent, Watcher};
use stitch_simulator::Plan;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::hurried_pipeline::HurriedPipeline;
use crate::scenario::TOKEN;
use crate::server::Server;
use crate::table::Row;
use crate::times::HOUR;
use crate::{artifact, stitch};

/// The runs that are waited for at once.
const RUNS: u32 = 1_000;
/// The workers of Python, whose memory is shared in part.
const WORKERS: usize = 8;
/// How many runs are started at once.
const AT_ONCE: usize = 32;

/// A worker that has asked once, says so and waits.
const SCRIPT: &str = "
import sys, requests
url, token = sys.argv[1:]
session = requests.Session()
session.get(f'{url}/v4/sources/1', headers={'Authorization': f'Bearer {token}'}, timeout=30).raise_for_status()
print('waiting', flush=True)
sys.stdin.read()
";

pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    let server = Server::start(u64::from(RUNS) + 1)?;
    let python = artifact::python().map(|_| python(&server)).transpose()?;
    let mut rows = Vec::new();
    for (kind, what) in [("watcher", "`Watcher`s"), ("pipeline", "a pipeline")] {
        let held = Held::of(kind, server.url())?;
        let measured = format!("{:.1} KiB a run, {:.0} MiB in all", held.each(), held.all / 1024.0);
        let figure = format!("memory of {RUNS} waiting runs in {what}, in MiB");
        rows.push(Row::at_most(figure, 64.0, held.all / 1024.0, measured));
        let figure = format!("memory of a Python worker with requests ÷ of a run in {what}");
        rows.push(match python {
            None => Row::reported(figure, "no Python with requests is there"),
            Some(python) => {
                let ratio = python / held.each();
                Row::at_least(
                    figure,
                    200.0,
                    ratio,
                    format!("{ratio:.0} ({:.1} MiB ÷ {:.1} KiB)", python / 1024.0, held.each()),
                )
            }
        });
    }
    Ok(rows)
}

/// What a process holds before its runs and with them, in KiB.
struct Held {
    before: f64,
    all: f64,
}

impl Held {
    /// Asks another process of this program.
    fn of(kind: &str, url: &str) -> anyhow::Result<Self> {
        let output = artifact::itself()?.args(["waiting", kind, url]).stderr(Stdio::inherit()).output()?;
        let said = String::from_utf8(output.stdout)?;
        let mut numbers = said.split_whitespace().map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(before)), Some(Ok(all))) => Ok(Self { before, all }),
            _ => bail!("the process of {kind} says {said:?}"),
        }
    }

    fn each(&self) -> f64 {
        (self.all - self.before) / f64::from(RUNS)
    }
}

/// Waits for runs, and prints what this process holds.
pub(crate) async fn waiting(kind: &str, url: &str) -> anyhow::Result<ExitCode> {
    if kind == "watcher" { in_watchers(url).await } else { in_a_pipeline().await }?;
    Ok(ExitCode::SUCCESS)
}

async fn in_watchers(url: &str) -> anyhow::Result<()> {
    let plugin = stitch::plugin(&stitch::host("memory")?, url)?;
    stitch::steady(&plugin, &stitch::arguments(url, 1)).await?;
    let before = resident("self")?;
    let (policy, clock) = (Arc::new(PollPolicy::default()), Arc::new(SystemClock::new()));
    let (told, mut waiting) = mpsc::unbounded_channel();
    let mut watches = JoinSet::new();
    for run in 0..RUNS {
        // The first was started above.
        let arguments = stitch::arguments(url, i64::from(run) + 2);
        let (plugin, policy, clock, told) = (plugin.clone(), Arc::clone(&policy), Arc::clone(&clock), told.clone());
        watches.spawn(async move {
            let watch = Watcher { plugin: &plugin, arguments: &arguments, policy: &policy, clock: &*clock };
            let told = |event: WatchEvent<'_>| {
                if let WatchEvent::Running(_) = event {
                    _ = told.send(());
                }
            };
            watch.run(told, std::future::pending()).await
        });
        if watches.len() > AT_ONCE {
            waiting.recv().await;
        }
    }
    for _ in 0..AT_ONCE {
        waiting.recv().await;
    }
    sleep(Duration::from_secs(1)).await;
    println!("{before} {}", resident("self")?);
    Ok(())
}

async fn in_a_pipeline() -> anyhow::Result<()> {
    let plans = vec![Plan::succeeds().lasting(100 * HOUR, HOUR, HOUR); RUNS as usize];
    // The budget of the account lets one be started each 20 s.
    let pipeline = HurriedPipeline::at_speed(6_000, "waiting", plans).await;
    let before = resident("self")?;
    let (told, mut waiting) = mpsc::unbounded_channel();
    let run = tokio::spawn(pipeline.run(move |event| {
        if let What::Running(_) = event.what {
            _ = told.send(event.task);
        }
    }));
    let mut seen = vec![false; RUNS as usize];
    while seen.contains(&false) {
        seen[waiting.recv().await.context("the pipeline has ended")?] = true;
    }
    println!("{before} {}", resident("self")?);
    run.abort();
    Ok(())
}

/// What a worker of Python holds: what is shared by several counts in part.
fn python(server: &Server) -> anyhow::Result<f64> {
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(Worker::start(server)?);
    }
    let held: f64 = workers.iter().map(|worker| proportional(worker.0.id())).sum::<anyhow::Result<f64>>()?;
    Ok(held / WORKERS as f64)
}

struct Worker(Child);

impl Worker {
    fn start(server: &Server) -> anyhow::Result<Self> {
        let mut python = artifact::python().context("a Python")?;
        python.args(["-c", SCRIPT, server.url(), TOKEN]);
        let mut worker = Self(python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let output: ChildStdout = worker.0.stdout.take().context("it has an output")?;
        BufReader::new(output).read_line(&mut String::new())?;
        Ok(worker)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// The resident memory of a process, in KiB.
fn resident(process: &str) -> anyhow::Result<f64> {
    kib(&format!("/proc/{process}/status"), "VmRSS:")
}

/// The same, with its part of what several processes share.
fn proportional(process: u32) -> anyhow::Result<f64> {
    kib(&format!("/proc/{process}/smaps_rollup"), "Pss:")
}

fn kib(file: &str, key: &str) -> anyhow::Result<f64> {
    let text = fs::read_to_string(file).with_context(|| format!("{file} cannot be read, which only Linux has"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)).with_context(|| format!("{file} has no {key}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
