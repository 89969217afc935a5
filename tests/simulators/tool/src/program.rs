use std::future::Future;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{Simulator, Tool};

/// The arguments of every simulator's program, flattened into those of its own.
#[derive(Args, Clone, Copy, Debug)]
pub struct Program {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Stop when standard input closes: a parent that dies leaves no orphan
    #[arg(long)]
    until_stdin_closes: bool,
}

impl Program {
    /// Serves a tool on a port of 127.0.0.1 until the program ends. Prints a line of JSON with its URL and content, and
    /// another at the end.
    pub async fn serve<T: Tool>(
        &self,
        tool: T,
        introduction: impl FnOnce(&str) -> Value,
        farewell: impl FnOnce(&mut T) -> Value,
    ) -> io::Result<()> {
        let simulator = Simulator::start(tool, self.port).await.map_err(|error| self.not_listening(&error))?;
        writeln!(io::stdout(), "{}", introduction(&simulator.url()))?;
        self.ends().await?;
        // A closed stdout needs no farewell.
        let _: io::Result<()> = writeln!(io::stdout(), "{}", simulator.with(farewell));
        Ok(())
    }

    /// Waits for the program's end: Ctrl-C or, where that is asked for, the end of standard input.
    pub async fn ends(&self) -> io::Result<()> {
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            () = stdin_closes(), if self.until_stdin_closes => Ok(()),
        }
    }

    /// The error of a port that cannot be listened on, and what to do.
    pub fn not_listening(&self, error: &io::Error) -> io::Error {
        let port = self.port;
        io::Error::new(error.kind(), format!("cannot listen on 127.0.0.1:{port}: {error}; try another --port, or 0"))
    }
}

/// Runs the program of this name, and prints its error on stderr.
pub async fn exit_code(name: &str, program: impl Future<Output = io::Result<()>>) -> ExitCode {
    match program.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is closed, the exit code has to suffice.
            let _: io::Result<()> = writeln!(io::stderr(), "{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Waits until standard input ends, in a thread that is left behind: the runtime would wait for it at Ctrl-C.
async fn stdin_closes() {
    let (parent, closed) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        // Any end of reading means that the parent is gone.
        let _: io::Result<u64> = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(parent);
    });
    // The sender is only ever dropped.
    let _: Result<(), oneshot::error::RecvError> = closed.await;
}
