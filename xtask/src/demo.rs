//! The demo: Stitch syncs that end in every way, and a pipeline of three tools, through the ordinary command line, against
//! simulators.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use self::{
    case::{CASES, Case, Source, Token},
    outcome::Outcome,
    simulator::Simulator,
};
use crate::{
    artifact::{Artifacts, BUILD_LIMIT},
    component, set_up, shell,
};

mod case;
mod outcome;
mod pipeline;
mod simulator;
mod table;

/// Where `host-harness` finds the token, so that it is on no command line.
const TOKEN_VARIABLE: &str = "STITCH_ACCESS_TOKEN";

/// The id of no source of the simulator.
const UNKNOWN_SOURCE: u64 = 999_999;

/// What the demo runs.
struct Programs {
    host: PathBuf,
    plugin: PathBuf,
    simulator: PathBuf,
    airbyte: PathBuf,
    airbyte_simulator: PathBuf,
    fivetran: PathBuf,
    fivetran_simulator: PathBuf,
}

/// Sets up, builds, runs every case, and fails unless each ended as expected.
pub(crate) fn run() -> anyhow::Result<()> {
    set_up::set_up()?;
    let programs = build()?;
    let simulator = Simulator::start(&programs.simulator, &[])?;
    // Whether Stitch lists jobs that run is not documented. Where it does, their phases can be watched.
    let listing = Simulator::start(&programs.simulator, &["--list-running"])?;
    println!("\na Stitch account with 250 sources, simulated: a minute of Stitch passes in a second\n");

    let mut rows = vec![];
    for case in &CASES {
        let (outcome, took) = watch(case, &programs, if case.lists_running { &listing } else { &simulator })?;
        rows.push(table::Row { case, found: case.expected.compare(&outcome), outcome, took });
    }
    println!("\n{}", table::draw(&rows));
    let unexpected = rows.iter().filter(|row| row.found.is_err()).count();
    if unexpected > 0 {
        bail!("{unexpected} of {} did not end as expected", rows.len());
    }
    pipeline::run(&programs, &simulator)?;
    println!("every run ended as expected");
    println!("by hand: `cargo run -p stitch-simulator` says where it listens, its token, and what its sources do");
    Ok(())
}

/// Builds the components and the programs, as the tests build them, so that what they need is built once.
fn build() -> anyhow::Result<Programs> {
    let [plugin, airbyte, fivetran] = component::build_all()?;
    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--workspace", "--bins"]);
    let built = Artifacts::build(&mut cargo, BUILD_LIMIT)?;
    Ok(Programs {
        plugin,
        airbyte,
        fivetran,
        host: built.program("host-harness")?,
        simulator: built.program("stitch-simulator")?,
        airbyte_simulator: built.program("airbyte-simulator")?,
        fivetran_simulator: built.program("fivetran-simulator")?,
    })
}

/// Runs one case and says how it ended and how long it took.
fn watch(case: &Case, programs: &Programs, simulator: &Simulator) -> anyhow::Result<(Outcome, Duration)> {
    let source = match case.source {
        Source::Named(name) => simulator.source(name)?,
        Source::Unknown => UNKNOWN_SOURCE,
    };
    let mut host = Command::new(short(&programs.host));
    host.arg("run").arg("--plugin").arg(short(&programs.plugin)).args(["--param", &format!("source_id={source}")]);
    host.args(case.parameters.iter().flat_map(|parameter| ["--param", parameter]));
    host.args(["--connection", &format!("base_url={}", simulator.url), "--allow", &simulator.url]);
    host.args(["--secret", &format!("access_token=env:{TOKEN_VARIABLE}")]);
    host.args(["--poll-interval", "100ms", "--ignore-poll-hint", "--output", "json"]);

    println!("{}\n$ {}", case.name, shell::line(&host));
    let token = match case.token {
        Token::Good => &simulator.access_token,
        Token::Wrong => "not-the-token",
    };
    let begun = Instant::now();
    let output = host.env(TOKEN_VARIABLE, token).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {}", programs.host.display()))?;
    let outcome = Outcome::parse(&String::from_utf8_lossy(&output.stdout), output.status.code())?;
    for step in &outcome.steps {
        println!("  {step}");
    }
    println!("  {}: {}\n", outcome.verdict, outcome.message);
    Ok((outcome, begun.elapsed()))
}

/// The path as seen from here, where that is shorter.
fn short(path: &Path) -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    path.strip_prefix(here).map_or_else(|_| path.to_owned(), Path::to_owned)
}
