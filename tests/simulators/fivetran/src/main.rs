//! Serves the demo account of the Fivetran simulator, for demos and for trying things by hand.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fivetran_simulator::Account;
use fivetran_simulator::demo_account::{API_KEY, API_SECRET, CONNECTIONS, demo_account};
use serde_json::json;
use tool_simulator::serve_until_the_end;

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
    let connections: Vec<_> = CONNECTIONS.iter().map(|(id, what)| json!({"id": id, "what": what})).collect();
    let introduction =
        |url: &str| json!({"url": url, "api_key": API_KEY, "api_secret": API_SECRET, "connections": connections});
    let farewell = |account: &mut Account| json!({"started": account.started()});
    serve_until_the_end(demo_account(), arguments.port, arguments.until_stdin_closes, introduction, farewell).await
}
