//! Serves the demo account of the Airbyte simulator, for demos and for trying things by hand.

use std::io::{self, Write};
use std::process::ExitCode;

use airbyte_simulator::Account;
use airbyte_simulator::demo_account::{ACCESS_TOKEN, APPLICATION, CONNECTIONS, demo_account};
use clap::Parser;
use serde_json::json;
use tool_simulator::serve_until_the_end;

/// Serves a made-up Airbyte account on 127.0.0.1, until Ctrl-C. Says where, and what is there, in one line of JSON.
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
            let _: io::Result<()> = writeln!(io::stderr(), "airbyte-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> io::Result<()> {
    let connections: Vec<_> = CONNECTIONS.iter().map(|(id, what)| json!({"id": id, "what": what})).collect();
    let (client_id, client_secret) = APPLICATION;
    let introduction = |url: &str| {
        json!({
            "url": format!("{url}/v1"), "access_token": ACCESS_TOKEN,
            "client_id": client_id, "client_secret": client_secret, "connections": connections,
        })
    };
    let farewell = |account: &mut Account| json!({"started": account.started()});
    serve_until_the_end(demo_account(), arguments.port, arguments.until_stdin_closes, introduction, farewell).await
}
