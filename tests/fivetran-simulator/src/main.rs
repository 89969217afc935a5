//! Serves the demo account of the Fivetran simulator, for demos and for trying things by hand.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fivetran_simulator::Simulator;
use fivetran_simulator::demo_account::{API_KEY, API_SECRET, CONNECTIONS, demo_account};
use serde_json::json;
use tokio::sync::oneshot;

/// Serves a made-up Fivetran account on 127.0.0.1, until Ctrl-C. Says where, and what is there, in one line of JSON.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
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
            let _: io::Result<()> = writeln!(io::stderr(), "fivetran-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let port = arguments.port;
    let simulator = Simulator::start(demo_account(), port).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on 127.0.0.1:{port}: {error}; try another --port, or 0"))
    })?;
    let connections: Vec<_> = CONNECTIONS.iter().map(|(id, what)| json!({"id": id, "what": what})).collect();
    let introduction =
        json!({"url": simulator.url(), "api_key": API_KEY, "api_secret": API_SECRET, "connections": connections});
    writeln!(io::stdout(), "{introduction}")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        () = stdin_closes(), if arguments.until_stdin_closes => {}
    }
    // Where nobody reads any more, nobody misses it.
    let _: io::Result<()> =
        writeln!(io::stdout(), "{}", json!({"started": simulator.with(|account| json!(account.started()))}));
    Ok(())
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
