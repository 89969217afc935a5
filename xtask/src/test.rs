//! All tests of the repository.

use anyhow::Context;

use crate::{
    artifact::{self, BUILD_LIMIT, WORKSPACE},
    component, set_up,
    shell::{self, Stdout},
};

/// Sets up, builds, and runs `cargo test` on the whole workspace, with these arguments added.
///
/// The end-to-end tests are told where the component, the hostile plugins and the command line lie. By themselves they would
/// build the last alone, and so its dependencies anew with other features.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    set_up::set_up()?;
    let plugin = component::build()?;
    let hostile = component::build_hostile()?;
    let mut cargo = shell::cargo();
    cargo.arg("test").args(WORKSPACE).args(["--no-run", "--message-format=json-render-diagnostics"]);
    let messages = shell::watch(&mut cargo, Stdout::Returned, BUILD_LIMIT)?;
    let host = artifact::executable(&messages, "host-harness").context("cargo built no program host-harness")?;
    let durable = artifact::executable(&messages, "durable").context("cargo built no example durable")?;
    let mut cargo = shell::cargo();
    cargo
        .arg("test")
        .args(WORKSPACE)
        .args(arguments)
        .env("STITCH_PLUGIN", plugin)
        .env("HOSTILE_PLUGINS", hostile)
        .env("HOST_HARNESS", host)
        .env("DURABLE", durable);
    shell::hand_over(&mut cargo)
}
