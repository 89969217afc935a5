//! Embeds the host as an engine would: one run of one plugin, from its file to a verdict.
//!
//! `cargo run --example embed -- PLUGIN ORIGIN NAME=VALUE…` takes parameters and connection fields by name, and the secret
//! `access_token` from the environment variable `ACCESS_TOKEN`.

use std::path::Path;

use anyhow::{Context, bail};
use host_harness::contract::Verdict;
use host_harness::{Host, Inputs, Limits, PollPolicy, Secret, SystemClock, WatchEnd, WatchEvent, Watcher};

/// Runs a plugin that may reach one origin and says how the run ended.
pub async fn run(plugin: &Path, origin: &str, inputs: Inputs) -> anyhow::Result<Verdict> {
    // An engine builds its host once and keeps the plugins that it has loaded.
    let host = Host::new(Limits::default())?;
    let plugin = host.load(plugin)?;

    // The plugin says what it takes; wrong input is refused before it is called.
    let descriptor = plugin.describe().await.outcome?;
    let arguments = inputs.resolve(&descriptor)?;
    // What it may reach is for the engine to say, for each connection.
    let plugin = plugin.allow([origin.parse()?]);

    let watcher =
        Watcher { plugin: &plugin, arguments: &arguments, policy: &PollPolicy::default(), clock: &SystemClock::new() };
    // Where an engine stores the run: whatever happens to this process, `Watcher::resume` goes on from there.
    let store = |event: WatchEvent<'_>| {
        if let WatchEvent::Running(running) = event {
            eprintln!("{}", running.report.message);
        }
    };
    let outcome = watcher.run(store, std::future::pending()).await;
    match outcome.end {
        WatchEnd::Finished(finished) => Ok(finished.verdict),
        other => bail!("the run {:?} is not known to have ended: {other:?}", outcome.run),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let plugin = arguments.next().context("which plugin?")?;
    let origin = arguments.next().context("which origin may it reach?")?;
    let token = std::env::var("ACCESS_TOKEN").context("ACCESS_TOKEN is not set")?;
    let inputs = Inputs::default().connection("base_url", &origin).secret("access_token", Secret::new(token));
    let inputs = arguments.try_fold(inputs, |inputs, argument| {
        let (name, value) = argument.split_once('=').context("a parameter is NAME=VALUE")?;
        anyhow::Ok(inputs.parameter(name, value))
    })?;
    eprintln!("{}", run(Path::new(&plugin), &origin, inputs).await?);
    Ok(())
}
