//! What is measured, as `cargo xtask bench` names it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::Context;

/// The plugin for Stitch.
pub(crate) fn plugin() -> &'static PathBuf {
    static PLUGIN: LazyLock<PathBuf> = LazyLock::new(|| named("STITCH_PLUGIN").expect("a plugin for Stitch"));
    &PLUGIN
}

/// One of the hostile plugins.
pub(crate) fn guest(name: &str) -> anyhow::Result<PathBuf> {
    Ok(named("HOSTILE_PLUGINS")?.join(name).with_extension("wasm"))
}

/// The command line.
pub(crate) fn host_harness() -> anyhow::Result<Command> {
    Ok(Command::new(named("HOST_HARNESS")?))
}

/// A Python with requests, where there is one.
pub(crate) fn python() -> Option<Command> {
    named("PYTHON").ok().map(Command::new)
}

/// A plugin that was made of Python, where there is one.
pub(crate) fn python_plugin() -> Option<PathBuf> {
    named("PYTHON_PLUGIN").ok()
}

/// This program, for what needs a process of its own.
pub(crate) fn itself() -> anyhow::Result<Command> {
    Ok(Command::new(env::current_exe()?))
}

/// An empty folder of this name.
pub(crate) fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("figures-{name}"));
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn named(variable: &str) -> anyhow::Result<PathBuf> {
    env::var_os(variable).map(PathBuf::from).with_context(|| format!("{variable} is not set: run `cargo xtask bench`"))
}
