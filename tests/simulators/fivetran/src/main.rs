//! Serves the demo account of the Fivetran simulator, for demos and for trying things by hand.

use std::process::ExitCode;

use clap::Parser;
use fivetran_simulator::Account;
use fivetran_simulator::demo_account::{API_KEY, API_SECRET, CONNECTIONS, demo_account};
use serde_json::json;
use tool_simulator::{Program, exit_code};

/// Serves a made-up Fivetran account on 127.0.0.1, until Ctrl-C. Prints its URL and content in one line of JSON.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    program: Program,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let connections: Vec<_> = CONNECTIONS.iter().map(|(id, what)| json!({"id": id, "what": what})).collect();
    let introduction =
        |url: &str| json!({"url": url, "api_key": API_KEY, "api_secret": API_SECRET, "connections": connections});
    let farewell = |account: &mut Account| json!({"started": account.started()});
    let Arguments { program } = Arguments::parse();
    exit_code("fivetran-simulator", program.serve(demo_account(), introduction, farewell)).await
}
