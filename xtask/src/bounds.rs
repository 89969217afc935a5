//! What the host promises of time and memory, measured.

use crate::{component, set_up, shell};

/// Sets up, builds, and runs the benchmark: optimised, as promises of time are made of such a build.
pub(crate) fn run() -> anyhow::Result<()> {
    set_up::set_up()?;
    let hostile = component::build_hostile()?;
    let mut cargo = shell::cargo();
    cargo.args(["bench", "--locked", "--package", "hostile-plugins", "--bench", "bounds"]);
    shell::hand_over(cargo.env("HOSTILE_PLUGINS", hostile))
}
