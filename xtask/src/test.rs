//! All tests of the repository.

use std::time::Duration;

use anyhow::Context;

use crate::{
    artifact, component, set_up,
    shell::{self, Stdout},
};

/// A first build of everything takes some minutes on two cores.
const BUILD_LIMIT: Duration = Duration::from_hours(1);

/// Sets up, builds, and runs `cargo test` on the whole workspace, with these arguments added.
///
/// The end-to-end tests are told where the component, the hostile plugins and the command line lie. By themselves they would
/// build the last alone, and so its dependencies anew with other features.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    set_up::set_up()?;
    let plugin = component::build()?;
    let hostile = component::build_hostile()?;
    let tests = ["test", "--workspace", "--features", "host-harness-cli/otlp", "--locked"];
    let mut cargo = shell::cargo();
    cargo.args(tests).args(["--no-run", "--message-format=json-render-diagnostics"]);
    let messages = shell::watch(&mut cargo, Stdout::Returned, BUILD_LIMIT)?;
    let host = artifact::executable(&messages, "host-harness").context("cargo built no program host-harness")?;
    let durable = artifact::executable(&messages, "durable").context("cargo built no example durable")?;
    let mut cargo = shell::cargo();
    cargo
        .args(tests)
        .args(arguments)
        .env("STITCH_PLUGIN", plugin)
        .env("HOSTILE_PLUGINS", hostile)
        .env("HOST_HARNESS", host)
        .env("DURABLE", durable);
    shell::hand_over(&mut cargo)
}
