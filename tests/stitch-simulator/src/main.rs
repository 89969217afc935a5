//! Serves the demo world of the Stitch simulator, for demos and for trying things by hand.

use std::io::{self, Write};

use clap::Parser;
use jiff::Timestamp;
use stitch_simulator::demo_world::{ACCESS_TOKEN, SPECIAL_SOURCES, demo_world};
use stitch_simulator::{Clock, Simulator};
use tokio::io::AsyncReadExt;

/// Serves a made-up Stitch account with 250 sources on 127.0.0.1, until Ctrl-C.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Simulated seconds per real second
    #[arg(long, default_value_t = 60.0, value_parser = positive)]
    speed: f64,
    /// List running jobs too, which Stitch does not document
    #[arg(long)]
    list_running: bool,
    /// Stop when standard input closes: a parent that dies leaves no orphan
    #[arg(long)]
    until_stdin_closes: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let now = Timestamp::now();
    let mut world = demo_world(now);
    if arguments.list_running {
        world.account(stitch_simulator::demo_world::CLIENT_ID, ACCESS_TOKEN).list_running_jobs();
    }
    let simulator = Simulator::start_with(world, Clock::scaled(now, arguments.speed), arguments.port).await?;
    introduce(&simulator.url())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        closed = stdin_closes(), if arguments.until_stdin_closes => closed,
    }
}

/// Says where the simulator listens, with which token, and what its sources do.
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

/// Reads standard input to its end.
async fn stdin_closes() -> io::Result<()> {
    let mut input = tokio::io::stdin();
    let mut ignored = [0; 1024];
    while input.read(&mut ignored).await? > 0 {}
    Ok(())
}

/// Reads a speed.
fn positive(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "not a number above 0".to_owned())
}
