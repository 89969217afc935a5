//! What the host promises of time and memory: how soon a call is ended, what the guards cost an honest one, and what 10,000 calls
//! leave behind.

#![allow(clippy::unwrap_used, reason = "a program for people at a terminal")]

mod case;
pub(crate) mod guards;
mod held;
mod house;
mod kill;
mod peer;
mod soak;

/// Measures and prints how soon calls are ended, and what many leave behind. Whether that is as promised.
pub(crate) async fn measure() -> bool {
    println!("\nkill time ÷ deadline, promised ≤ {}", kill::PROMISE);
    let kill = kill::measure().await;
    println!("\n{} calls of hostile and honest plugins in one process, {} at once", soak::CALLS, soak::AT_ONCE);
    let soak = soak::measure().await;
    kill && soak
}
