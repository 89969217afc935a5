//! The plugin for Stitch, and what it is called with.

use anyhow::Context;
use host_harness::contract::{NamedValue, Progress, Value};
use host_harness::{Arguments, CallError, CompileCache, Host, Limits, Plugin, Secret};

use crate::artifact;
use crate::scenario::TOKEN;

/// A host with all guards and a cache in a folder of this name.
pub(crate) fn host(cache: &str) -> anyhow::Result<Host> {
    Ok(Host::new(Limits::default())?.with_cache(CompileCache::open(artifact::folder(cache)?)?))
}

/// The plugin, which may reach this origin.
pub(crate) fn plugin(host: &Host, url: &str) -> anyhow::Result<Plugin> {
    Ok(host.load(artifact::plugin())?.allow([url.parse()?]))
}

/// The arguments for a source of the account there.
pub(crate) fn arguments(url: &str, source: i64) -> Arguments {
    let connection = vec![NamedValue { name: "base_url".to_owned(), value: Value::Text(url.to_owned()) }];
    let parameters = vec![NamedValue { name: "source_id".to_owned(), value: Value::Integer(source) }];
    Arguments::new(connection, parameters).secret("access_token", Secret::new(TOKEN))
}

/// The run of a job that goes on, or an error.
pub(crate) fn run(outcome: Result<Progress, CallError>) -> anyhow::Result<String> {
    match outcome? {
        Progress::Running(running) => Some(running.run),
        Progress::Finished(_) => None,
    }
    .context("the run has ended")
}

/// A run that was polled once, so that it holds where its row is.
pub(crate) async fn steady(plugin: &Plugin, arguments: &Arguments) -> anyhow::Result<String> {
    let run = run(plugin.trigger(arguments).await.outcome)?;
    self::run(plugin.poll(arguments, &run).await.outcome)
}
