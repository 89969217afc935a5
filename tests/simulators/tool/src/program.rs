use std::io::{self, Write};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::{Simulator, Tool};

/// Serves a tool on a port of 127.0.0.1 until Ctrl-C or, where that is asked for, until standard input closes. Says where and
/// what there is in one line of JSON, and at the end another.
pub async fn serve_until_the_end<T: Tool>(
    tool: T,
    port: u16,
    until_stdin_closes: bool,
    introduction: impl FnOnce(&str) -> Value,
    farewell: impl FnOnce(&mut T) -> Value,
) -> io::Result<()> {
    let simulator = Simulator::start(tool, port).await.map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on 127.0.0.1:{port}: {error}; try another --port, or 0"))
    })?;
    writeln!(io::stdout(), "{}", introduction(&simulator.url()))?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        () = stdin_closes(), if until_stdin_closes => {}
    }
    // Where nobody reads any more, nobody misses it.
    let _: io::Result<()> = writeln!(io::stdout(), "{}", simulator.with(farewell));
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
