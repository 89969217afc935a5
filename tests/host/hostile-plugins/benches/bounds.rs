//! What the host promises of time and memory, measured: how soon a call is ended, what the guards cost an honest one, and what
//! 10,000 calls leave behind. Exits with 1 where a promise is not kept.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people at a terminal")]

#[path = "../tests/hostile/artifact.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod artifact;
#[path = "bounds/case.rs"]
mod case;
#[path = "bounds/guards.rs"]
mod guards;
#[path = "bounds/held.rs"]
mod held;
#[path = "bounds/house.rs"]
mod house;
#[path = "bounds/kill.rs"]
mod kill;
#[path = "bounds/peer.rs"]
mod peer;
#[path = "bounds/soak.rs"]
mod soak;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    println!("kill time ÷ deadline, promised ≤ {}", kill::PROMISE);
    let kill = kill::measure().await;
    println!("\nguards on ÷ guards off for an honest call");
    let guards = guards::measure().await;
    println!("\n{} calls of hostile and honest plugins in one process, {} at once", soak::CALLS, soak::AT_ONCE);
    let soak = soak::measure().await;
    if kill && guards && soak { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
