//! Serves the demo account of the Airbyte simulator, for demos and for trying things by hand.

use std::process::ExitCode;

use airbyte_simulator::Account;
use airbyte_simulator::demo_account::{ACCESS_TOKEN, APPLICATION, CONNECTIONS, demo_account};
use clap::Parser;
use serde_json::json;
use tool_simulator::{Program, exit_code};

/// Serves a made-up Airbyte account on 127.0.0.1, until Ctrl-C. Prints its URL and content in one line of JSON.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    program: Program,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let connections: Vec<_> = CONNECTIONS.iter().map(|(id, what)| json!({"id": id, "what": what})).collect();
    let (client_id, client_secret) = APPLICATION;
    let introduction = |url: &str| {
        json!({
            "url": format!("{url}/v1"), "access_token": ACCESS_TOKEN,
            "client_id": client_id, "client_secret": client_secret, "connections": connections,
        })
    };
    let farewell = |account: &mut Account| json!({"started": account.started()});
    let Arguments { program } = Arguments::parse();
    exit_code("airbyte-simulator", program.serve(demo_account(), introduction, farewell)).await
}
