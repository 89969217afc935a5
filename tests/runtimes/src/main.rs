//! Compares what the plugin answers in other people's runtimes with what it answers in our host.
//!
//! `foreign-runtimes RUNTIME...`, each as JSON: `{"name": "node", "command": ["node", "call.mjs"], "values": "json"}`. The
//! variable `PLUGIN` names the component. `cargo xtask runtimes` sets the runtimes up and runs this.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(clippy::print_stdout, reason = "a program for people at a terminal: talking is what it does")]

use std::env;
use std::process::ExitCode;

use anyhow::{Context, bail};
use tokio::task::JoinSet;

use crate::case::CASES;
use crate::host::Host;
use crate::runtime::Runtime;

mod answer;
mod call;
mod case;
mod fault;
mod host;
#[cfg(test)]
mod page;
mod runtime;
mod wave;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let host = Host::load(env::var_os("PLUGIN").context("the variable PLUGIN names no component")?.as_ref())?;
    let runtimes: Vec<Runtime> = env::args().skip(1).map(|it| serde_json::from_str(&it)).collect::<Result<_, _>>()?;
    let mut compared = JoinSet::new();
    for runtime in runtimes {
        let host = host.clone();
        compared.spawn(async move { compare(&host, &runtime).await });
    }
    let mut differences = 0;
    while let Some(found) = compared.join_next().await {
        differences += found??;
    }
    if differences > 0 {
        bail!("{differences} answers are not as in our host");
    }
    Ok(())
}

/// Runs every case and every fault, prints a line for each, and returns how many did not end as they must.
async fn compare(host: &Host, runtime: &Runtime) -> anyhow::Result<usize> {
    let mut differences = 0;
    let mut tell = |what: &str, found: Result<String, String>| {
        let (Ok(text) | Err(text)) = &found;
        println!("{:12}  {what:34}  {text}", runtime.name);
        differences += usize::from(found.is_err());
    };
    for case in &CASES {
        let found = case.compare(host, runtime).await.with_context(|| format!("{}: {}", runtime.name, case.name))?;
        tell(case.name, found);
    }
    for fault in fault::all() {
        let what = format!("{fault:?}");
        let found = fault::compare(fault, host, runtime).await.with_context(|| format!("{}: {what}", runtime.name))?;
        tell(&what, found);
    }
    if runtime.has_egress_policy {
        tell("an origin that is not granted", fault::denied(host, runtime).await?);
    }
    Ok(differences)
}
