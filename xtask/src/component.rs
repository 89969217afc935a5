//! The plugin as a component.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;

use crate::{
    artifact, set_up,
    shell::{self, Stdout},
    toolchain::TARGET,
};

/// A first build of the plugin takes well under a minute.
const LIMIT: Duration = Duration::from_mins(30);

/// Sets up, builds the plugin and says where its component lies.
pub(crate) fn set_up_and_build() -> anyhow::Result<PathBuf> {
    set_up::set_up()?;
    build()
}

/// Builds the plugin and says where its component lies. The target must be there.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    build_package("stitch-plugin")
}

/// Builds the plugins for Stitch, Airbyte and Fivetran, and says where their components lie.
pub(crate) fn build_all() -> anyhow::Result<[PathBuf; 3]> {
    Ok([build()?, build_package("airbyte-plugin")?, build_package("fivetran-plugin")?])
}

fn build_package(package: &str) -> anyhow::Result<PathBuf> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--package", package, "--lib", "--profile", "component", "--target", TARGET]);
    let messages = shell::watch(cargo.arg("--message-format=json-render-diagnostics"), Stdout::Returned, LIMIT)?;
    let mut files = artifact::files(&messages, Some(&package.replace('-', "_"))).into_iter();
    files.find(|file| file.extension().is_some_and(|extension| extension == "wasm")).context("cargo built no component")
}

/// Builds the hostile plugins and says in which folder they lie.
pub(crate) fn build_hostile() -> anyhow::Result<PathBuf> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--package", "hostile-plugins", "--examples", "--profile", "guest"]);
    cargo.args(["--target", TARGET, "--message-format=json-render-diagnostics"]);
    let messages = shell::watch(&mut cargo, Stdout::Returned, LIMIT)?;
    let mut files = artifact::files(&messages, None).into_iter();
    let guest = files.find(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    let folder = guest.as_deref().and_then(Path::parent).context("cargo built no hostile plugin")?;
    Ok(folder.to_owned())
}
