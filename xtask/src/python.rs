//! The Python packages: built, linted, type-checked and tested, each in an environment of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

pub(crate) use self::{environment::Environment, interpreter::Interpreter};
use crate::{
    artifact::{self, Artifacts, BUILD_LIMIT, WORKSPACE},
    component, set_up, shell,
};

mod environment;
mod interpreter;
pub(crate) mod plugin;
mod wheel;

/// Where the packages lie in this repository, and what pins their tools.
const PACKAGES: &str = "python";
const REQUIREMENTS: &str = "python/requirements.txt";
const REQUIREMENTS_OF_AIRFLOW: &str = "python/requirements-airflow.txt";

/// The package of the wheel that holds the host.
const HOST: &str = "python/orchestrator-host";

/// The packages for Airflow, each after those that it needs, and where the last keeps the plugin.
const FOR_AIRFLOW: [&str; 2] = ["python/orchestrator-airflow", "python/airflow-provider-stitch"];
const CARRIED_PLUGIN: &str = "python/airflow-provider-stitch/src/airflow_provider_stitch/stitch_plugin.wasm";

/// What Python's tests need of the rest of the repository.
struct Built {
    folder: PathBuf,
    plugin: PathBuf,
    airbyte: PathBuf,
    hostile: PathBuf,
    module: PathBuf,
    simulator: PathBuf,
    airbyte_simulator: PathBuf,
}

/// Sets up, builds the host's wheel, installs it, and runs all checks; what follows `python` goes to pytest.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let environment = environment()?;
    let built = build()?;
    let wheel = wheel::pack(&environment, &built.module, &built.folder)?;
    environment.install(&wheel)?;
    lint(&environment, PACKAGES)?;
    test(&environment, HOST, &built, arguments)?;
    println!("the wheel lies in {}", wheel.display());
    Ok(())
}

/// The same for the packages for Airflow, beside an Airflow of their own, which takes a minute to install. What follows `airflow` goes
/// to the provider's pytest, and then only that is run.
pub(crate) fn airflow(arguments: &[&str]) -> anyhow::Result<()> {
    let environment = environment_of_airflow()?;
    let built = build()?;
    environment.install(&wheel::pack(&environment, &built.module, &built.folder)?)?;
    carry(&environment, &built.plugin)?;
    for package in FOR_AIRFLOW {
        environment.install(Path::new(package))?;
    }
    // A marker or a test of the provider is unknown to the other package's pytest.
    let tested = if arguments.is_empty() { &FOR_AIRFLOW[..] } else { &FOR_AIRFLOW[1..] };
    for package in tested {
        test(&environment, package, &built, arguments)?;
    }
    Ok(())
}

/// A Python with these packages, in an environment of this name.
pub(crate) fn with_packages(name: &str, requirements: &Path) -> anyhow::Result<PathBuf> {
    let environment = Environment::set_up(&Interpreter::find()?, &folder()?.join(name), requirements)?;
    Ok(environment.command("python").get_program().into())
}

/// The environment of [`run`].
fn environment() -> anyhow::Result<Environment> {
    Environment::set_up(&Interpreter::find()?, &folder()?.join("venv"), Path::new(REQUIREMENTS))
}

/// The environment of [`airflow`].
fn environment_of_airflow() -> anyhow::Result<Environment> {
    Environment::set_up(&Interpreter::find()?, &folder()?.join("venv-airflow"), Path::new(REQUIREMENTS_OF_AIRFLOW))
}

/// The folder of all that is made here.
fn folder() -> anyhow::Result<PathBuf> {
    Ok(artifact::target_directory()?.join("python"))
}

fn build() -> anyhow::Result<Built> {
    set_up::set_up()?;
    let [plugin, airbyte, _] = component::build_all()?;
    let hostile = component::build_hostile()?;
    let mut cargo = shell::cargo();
    cargo.arg("build").args(WORKSPACE);
    let built = Artifacts::build(&mut cargo, BUILD_LIMIT)?;
    let module = built.files(Some("orchestrator_host")).into_iter().next();
    Ok(Built {
        folder: folder()?,
        plugin,
        airbyte,
        hostile,
        module: module.context("cargo built no module orchestrator_host")?,
        simulator: built.program("stitch-simulator")?,
        airbyte_simulator: built.program("airbyte-simulator")?,
    })
}

/// Puts the plugin into the package that carries it, with its digest.
fn carry(environment: &Environment, plugin: &Path) -> anyhow::Result<()> {
    let digest = "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())";
    let digest = shell::ask(environment.command("python").args(["-c", digest]).arg(plugin))?;
    fs::copy(plugin, CARRIED_PLUGIN).with_context(|| format!("cannot copy {}", plugin.display()))?;
    fs::write(format!("{CARRIED_PLUGIN}.sha256"), digest).context("cannot write the plugin's digest")
}

/// Lints the Python code of a folder, and checks that it is formatted.
fn lint(environment: &Environment, folder: &str) -> anyhow::Result<()> {
    for check in [&["check"][..], &["format", "--check"]] {
        shell::hand_over(environment.command("ruff").args(check).arg(folder))?;
    }
    Ok(())
}

/// Checks a package's types and runs its tests.
fn test(environment: &Environment, package: &str, built: &Built, arguments: &[&str]) -> anyhow::Result<()> {
    shell::hand_over(environment.command("mypy").current_dir(package))?;
    let mut pytest = environment.command("pytest");
    pytest.args(arguments).current_dir(package);
    pytest.env("STITCH_PLUGIN", &built.plugin).env("HOSTILE_PLUGINS", &built.hostile);
    pytest.env("STITCH_SIMULATOR", &built.simulator);
    shell::hand_over(pytest.env("AIRBYTE_PLUGIN", &built.airbyte).env("AIRBYTE_SIMULATOR", &built.airbyte_simulator))
}
