//! All tests of the repository.

use crate::{
    artifact::{Artifacts, BUILD_LIMIT, WORKSPACE},
    component, set_up, shell,
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
    cargo.arg("test").args(WORKSPACE).arg("--no-run");
    let built = Artifacts::build(&mut cargo, BUILD_LIMIT)?;
    let (host, durable) = (built.program("host-harness")?, built.program("durable")?);
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
