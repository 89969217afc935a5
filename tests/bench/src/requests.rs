//! What polls send.

use crate::server::Server;
use crate::stitch;
use crate::table::Row;

/// The polls whose connections are counted, one after the other.
const POLLS: usize = 5_000;

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    let server = Server::start(1_000)?;
    let plugin = stitch::plugin(&stitch::host("requests")?, server.url())?;
    let arguments = stitch::arguments(server.url(), 500);
    let run = stitch::steady(&plugin, &arguments).await?;
    let before = server.connections().await?;
    let mut most = 0;
    for _ in 0..POLLS {
        let call = plugin.poll(&arguments, &run).await;
        most = most.max(call.requests.len());
        stitch::run(call.outcome)?;
    }
    let opened = server.connections().await? - before - 1;
    Ok(vec![
        Row::at_most("requests of a poll in the steady state, 1,000 sources", 1.0, most as f64, most.to_string()),
        Row::at_most("connections of 5,000 polls", 2.0, opened as f64, opened.to_string()),
    ])
}
