//! The plugin as a component.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use anyhow::Context;

use crate::{
    artifact::{self, Artifacts},
    metadata, set_up, shell,
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
    let built = Artifacts::build(&mut cargo, LIMIT)?.wasm(Some(&package.replace('-', "_")));
    publish(&built.context("cargo built no component")?, package)
}

/// Writes the component with its metadata into a folder of its own, as cargo's own file is cargo's to change.
fn publish(built: &Path, package: &str) -> anyhow::Result<PathBuf> {
    let folder = artifact::target_directory()?.join("plugins");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let component = fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;
    let file = folder.join(built.file_name().unwrap_or_default());
    // Another process may be reading the last one.
    let new = file.with_extension(process::id().to_string());
    fs::write(&new, metadata::add(&component, package)?)
        .and_then(|()| fs::rename(&new, &file))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// Builds the hostile plugins and says in which folder they lie.
pub(crate) fn build_hostile() -> anyhow::Result<PathBuf> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--package", "hostile-plugins", "--examples", "--profile", "guest"]);
    let guest = Artifacts::build(cargo.args(["--target", TARGET]), LIMIT)?.wasm(None);
    let folder = guest.as_deref().and_then(Path::parent).context("cargo built no hostile plugin")?;
    Ok(folder.to_owned())
}
