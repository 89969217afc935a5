//! Serves the demo world of the Stitch simulator, for demos and for trying things by hand.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use stitch_simulator::demo_world::{ACCESS_TOKEN, CLIENT_ID, SPECIAL_SOURCES, demo_world};
use stitch_simulator::{Clock, Simulator};
use tokio::sync::oneshot;

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
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the exit code has to do.
            let _: io::Result<()> = writeln!(io::stderr(), "stitch-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let now = Timestamp::now();
    let mut world = demo_world(now);
    if arguments.list_running {
        world.account(CLIENT_ID, ACCESS_TOKEN).list_running_jobs();
    }
    let port = arguments.port;
    let started = Simulator::start_with(world, Clock::scaled(now, arguments.speed), port).await;
    let simulator = started.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on 127.0.0.1:{port}: {error}; try another --port, or 0"))
    })?;
    introduce(&simulator.url())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        () = stdin_closes(), if arguments.until_stdin_closes => Ok(()),
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

/// Waits until standard input ends, in a thread that is left behind: the runtime would wait for it at Ctrl-C.
async fn stdin_closes() {
    let (parent, closed) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        // However reading ends, nobody is there any more.
        let _: io::Result<u64> = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(parent);
    });
    // The sender is only ever dropped.
    let _: Result<(), oneshot::error::RecvError> = closed.await;
}

/// Reads a speed.
fn positive(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "not a number above 0".to_owned())
}
