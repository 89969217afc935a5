//! All tests of the repository.

use crate::{set_up, shell};

/// Sets up and runs `cargo test` on the whole workspace, with these arguments added.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    set_up::set_up()?;
    shell::hand_over(shell::cargo().args(["test", "--workspace", "--locked"]).args(arguments))
}
