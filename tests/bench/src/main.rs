//! The figures of README.md, measured: what a check, a poll and a waiting run take, each beside what it would be compared with.
//!
//! `cargo xtask bench` builds what is measured, names it in environment variables, and runs this program. It calls itself for what
//! needs a process of its own: the server, and what is measured of a whole process.

#![allow(clippy::print_stdout, reason = "a program for people at a terminal")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded to three digits")]

use std::env;
use std::process::ExitCode;

use tokio::runtime::Runtime;

#[path = "../../e2e/hurried_pipeline.rs"]
#[allow(dead_code, reason = "shared with the end-to-end tests")]
mod hurried_pipeline;

mod artifact;
mod bounds;
mod check;
mod load;
mod memory;
mod pipeline;
mod poll;
mod requests;
mod scenario;
mod server;
mod stitch;
mod table;
mod times;
mod verdict;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Runtime::new()?.block_on(async {
        match arguments.as_slice() {
            ["serve", sources] => server::serve(sources.parse()?).await,
            ["waiting", kind, url] => memory::waiting(kind, url).await,
            names => table::print(names).await,
        }
    })
}
