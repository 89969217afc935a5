//! The Python packages: built, linted, type-checked and tested in an environment of their own.

use std::{path::Path, time::Duration};

use anyhow::Context;

use self::{environment::Environment, interpreter::Interpreter};
use crate::{
    artifact, component, set_up,
    shell::{self, Stdout},
};

mod environment;
mod interpreter;
mod wheel;

/// A first build of the host compiles Cranelift: some minutes on two cores.
const BUILD_LIMIT: Duration = Duration::from_hours(1);

/// The folder of the package, in this repository.
const PACKAGE: &str = "python/orchestrator-host";

/// Sets up, builds the wheel, installs it, and runs all checks; what follows `python` goes to pytest.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let interpreter = Interpreter::find()?;
    set_up::set_up()?;
    let (plugin, hostile) = (component::build()?, component::build_hostile()?);
    let folder = artifact::target_directory()?.join("python");
    let environment = Environment::set_up(&interpreter, &folder, Path::new("python/requirements.txt"))?;

    // As the whole workspace is built for its tests: built by itself, the module's dependencies would be built anew with other features.
    let mut cargo = shell::cargo();
    cargo.args(["build", "--locked", "--workspace", "--message-format=json-render-diagnostics"]);
    let messages = shell::watch(&mut cargo, Stdout::Returned, BUILD_LIMIT)?;
    let module = artifact::files(&messages, Some("orchestrator_host")).into_iter().next();
    let module = module.context("cargo built no module orchestrator_host")?;
    let simulator = artifact::executable(&messages, "stitch-simulator").context("cargo built no stitch-simulator")?;

    let wheel = wheel::pack(&environment, &module, &folder)?;
    environment.install(&wheel)?;
    for check in [&["ruff", "check"][..], &["ruff", "format", "--check"], &["mypy"]] {
        shell::hand_over(environment.command(check[0]).args(&check[1..]).current_dir(PACKAGE))?;
    }
    let mut pytest = environment.command("pytest");
    pytest.args(arguments).current_dir(PACKAGE);
    pytest.env("STITCH_PLUGIN", plugin).env("HOSTILE_PLUGINS", hostile).env("STITCH_SIMULATOR", simulator);
    shell::hand_over(&mut pytest)?;
    println!("the wheel lies in {}", wheel.display());
    Ok(())
}

/// Says whether a Python is there that [`run`] takes, for a script that does without.
pub(crate) fn find() -> anyhow::Result<()> {
    println!("{}", Interpreter::find()?);
    Ok(())
}
