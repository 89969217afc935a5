//! Serves the demo world of the Stitch simulator, for demos and for trying things by hand.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use stitch_simulator::demo_world::{ACCESS_TOKEN, CLIENT_ID, SPECIAL_SOURCES, demo_world};
use stitch_simulator::{Clock, Simulator};
use tool_simulator::{Program, exit_code};

/// Serves a made-up Stitch account with 250 sources on 127.0.0.1, until Ctrl-C.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    program: Program,
    /// Simulated seconds per real second
    #[arg(long, default_value_t = 60.0, value_parser = positive)]
    speed: f64,
    /// List running jobs too, which Stitch does not document
    #[arg(long)]
    list_running: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code("stitch-simulator", run(&Arguments::parse())).await
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let now = Timestamp::now();
    let mut world = demo_world(now);
    if arguments.list_running {
        world.account(CLIENT_ID, ACCESS_TOKEN).list_running_jobs();
    }
    let program = arguments.program;
    let started = Simulator::start_with(world, Clock::scaled(now, arguments.speed), program.port).await;
    let simulator = started.map_err(|error| program.not_listening(&error))?;
    introduce(&simulator.url())?;
    program.ends().await
}

/// Prints the simulator's URL, token and sources.
fn introduce(url: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on {url}")?;
    writeln!(out, "access token {ACCESS_TOKEN}")?;
    for source in SPECIAL_SOURCES {
        writeln!(out, "source {}  {:10}  {}", source.id, source.name, source.what)?;
    }
    writeln!(out, "every other source succeeds after 60 s (simulated)")?;
    out.flush()
}

/// Parses a speed.
fn positive(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "not a number above 0".to_owned())
}
