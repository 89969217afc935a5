//! The first way to the target: ask rustup for it.

use std::{env, process::Command, time::Duration};

use anyhow::bail;

use crate::{
    shell::{self, Stdout},
    toolchain::{TARGET, Toolchain},
};

/// Where rustup tells the programs that it starts which toolchain it chose.
const TOOLCHAIN: &str = "RUSTUP_TOOLCHAIN";

/// Enough to fetch 20 MB over a slow line; a server that never answers costs no more.
const LIMIT: Duration = Duration::from_mins(3);

/// Whether rustup chose the toolchain that runs this program.
pub(crate) fn rules() -> bool {
    env::var_os(TOOLCHAIN).is_some()
}

/// Has rustup add the target to the toolchain that runs this program, which it knows by the name in the environment.
pub(crate) fn add_target(_: &Toolchain) -> anyhow::Result<()> {
    let Some(toolchain) = env::var_os(TOOLCHAIN) else {
        bail!("this Rust was not installed by rustup");
    };
    // Naming the toolchain keeps rustup from looking into rust-toolchain.toml and fetching what else it asks for.
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET, "--toolchain"]).arg(toolchain);
    // Its errors are for a person; a backtrace of rustup's own would bury them.
    rustup.env("RUST_BACKTRACE", "0");
    shell::watch(&mut rustup, Stdout::Shown, LIMIT).map(drop)
}
