//! The plugin in Python: its library checked, its component built, and both tested.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context;

use super::{environment::Environment, folder, interpreter::Interpreter, lint};
use crate::{
    artifact::{self, Artifacts, BUILD_LIMIT, WORKSPACE},
    component, set_up,
    shell::{self, Stdout},
};

/// The library of plugins in Python, what pins its tools, and a plugin on it.
const LIBRARY: &str = "guest-python";
const REQUIREMENTS: &str = "guest-python/requirements.txt";
const PLUGIN: &str = "tests/plugins/dbt-cloud";

/// What a component is made of besides: the contract.
const CONTRACT: &str = "wit";

/// A component is built in some 10 s.
const LIMIT: Duration = Duration::from_mins(15);

/// Sets up, checks the library and the plugin, builds the component and runs all tests; what follows goes to pytest.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let environment =
        Environment::set_up(&Interpreter::find()?, &folder()?.join("venv-plugin"), Path::new(REQUIREMENTS))?;
    // With a dot, since pip looks for a bare name on PyPI.
    environment.install(&Path::new(".").join(LIBRARY))?;
    bindings(&environment)?;
    for package in [LIBRARY, PLUGIN] {
        lint(&environment, package)?;
        shell::hand_over(environment.command("mypy").current_dir(package))?;
    }
    let component = build(&environment)?;
    set_up::set_up()?;
    let [stitch, airbyte, _] = component::build_all()?;
    let mut cargo = shell::cargo();
    cargo.arg("build").args(WORKSPACE).arg("--bins");
    let built = Artifacts::build(&mut cargo, BUILD_LIMIT)?;
    for package in [LIBRARY, PLUGIN] {
        let mut pytest = environment.command("pytest");
        pytest.arg("tests").args(arguments).current_dir(package);
        pytest.env("DBT_CLOUD_PLUGIN", &component).env("STITCH_PLUGIN", &stitch).env("AIRBYTE_PLUGIN", &airbyte);
        pytest
            .env("HOST_HARNESS", built.program("host-harness")?)
            .env("STITCH_SIMULATOR", built.program("stitch-simulator")?);
        pytest.env("AIRBYTE_SIMULATOR", built.program("airbyte-simulator")?);
        pytest.env("HOST_HARNESS_CACHE", artifact::target_directory()?.join("compile-cache"));
        shell::hand_over(&mut pytest)?;
    }
    println!("the component lies in {}", component.display());
    Ok(())
}

/// Generates the bindings, which mypy reads.
fn bindings(environment: &Environment) -> anyhow::Result<()> {
    let bindings = folder()?.join("bindings");
    match fs::remove_dir_all(&bindings) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut build = environment.command("python");
    shell::watch(build.args(["-m", "orchestrator_plugin", "--bindings"]).arg(bindings), Stdout::Shown, LIMIT).map(drop)
}

/// Builds the component, unless it is newer than all that it is made of: each build differs, and would be compiled anew.
fn build(environment: &Environment) -> anyhow::Result<PathBuf> {
    let component = folder()?.join("dbt_cloud_plugin.wasm");
    let made_of = [Path::new(LIBRARY).join("src"), Path::new(PLUGIN).join("src"), PathBuf::from(CONTRACT)];
    let newest = made_of.iter().map(|folder| newest(folder)).collect::<anyhow::Result<Vec<_>>>()?;
    let built = fs::metadata(&component).and_then(|file| file.modified()).ok();
    if built.is_some_and(|built| newest.iter().flatten().all(|file| *file < built)) {
        return Ok(component);
    }
    let mut python = environment.command("python");
    python.args(["-m", "orchestrator_plugin", "component", "--folder"]).arg(Path::new(PLUGIN).join("src"));
    shell::watch(python.arg("--output").arg(&component), Stdout::Shown, LIMIT)?;
    Ok(component)
}

/// When the newest file of a folder was changed. Python's own caches do not count.
fn newest(folder: &Path) -> anyhow::Result<Option<SystemTime>> {
    let mut newest = None;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let changed = match path.file_name().and_then(|name| name.to_str()) {
            Some("__pycache__") => None,
            _ if path.is_dir() => self::newest(&path)?,
            _ => Some(fs::metadata(&path)?.modified()?),
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}
