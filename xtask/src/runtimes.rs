//! The plugin in other people's runtimes: each set up in a folder of its own among what cargo builds, none in the system.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::{
    artifact::{self, Artifacts, BUILD_LIMIT, WORKSPACE},
    component,
    python::{Environment, Interpreter},
    set_up,
    shell::{self, Stdout},
};

/// Where the programs lie that make a call in each runtime, and what pins the packages of Python.
const PROGRAMS: &str = "tests/runtimes";
const REQUIREMENTS: &str = "tests/runtimes/requirements.txt";

/// The files of Node: what pins its packages, and the programs, which find those beside them.
const OF_NODE: [&str; 4] = ["package.json", "package-lock.json", "call.mjs", "egress.mjs"];

/// What is installed comes from npm: some 340 MB.
const INSTALL_LIMIT: Duration = Duration::from_mins(30);

/// The longest time for all calls in all runtimes.
const LIMIT: Duration = Duration::from_mins(15);

/// Sets up the runtimes that are named, or all, and compares what the plugin answers in each with what it answers in our host.
pub(crate) fn run(names: &[&str]) -> anyhow::Result<()> {
    if let Some(other) = names.iter().find(|name| !["node", "python", "command-line"].contains(name)) {
        bail!("not a runtime: {other}: there are node, python and command-line");
    }
    let is_wanted = |name: &str| names.is_empty() || names.contains(&name);
    set_up::set_up()?;
    let plugin = component::build()?;
    let folder = artifact::target_directory()?.join("runtimes");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut runtimes = Vec::new();
    let mut path = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
    if is_wanted("node") {
        runtimes.push(node(&folder.join("node"), &plugin)?);
    }
    if is_wanted("python") || is_wanted("command-line") {
        let environment = Environment::set_up(&Interpreter::find()?, &folder.join("venv"), Path::new(REQUIREMENTS))?;
        if is_wanted("python") {
            let python = environment.command("python");
            shell::hand_over(
                environment.command("python").arg(program("wasmtime-py/values.py")).env("PLUGIN", &plugin),
            )?;
            runtimes.push(runtime(
                "python",
                &[python.get_program().into(), program("wasmtime-py/call.py")],
                "json",
                false,
            ));
        }
        if is_wanted("command-line") {
            path.insert(0, wasmtime(&environment)?);
            runtimes.push(runtime("command-line", &["sh".into(), program("command-line/call.sh")], "wave", false));
        }
    }
    let mut cargo = shell::cargo();
    cargo.arg("build").args(WORKSPACE).args(["--bin", "foreign-runtimes"]);
    let mut compare = Command::new(Artifacts::build(&mut cargo, BUILD_LIMIT)?.program("foreign-runtimes")?);
    compare.args(runtimes.iter().map(Value::to_string)).env("PLUGIN", &plugin).env("PATH", env::join_paths(path)?);
    // Where wasmtime keeps what it has compiled.
    compare.env("XDG_CACHE_HOME", folder.join("cache"));
    print!("{}", shell::watch(&mut compare, Stdout::Returned, LIMIT)?);
    Ok(())
}

fn program(name: &str) -> PathBuf {
    Path::new(PROGRAMS).join(name)
}

/// A runtime, as `foreign-runtimes` takes it.
fn runtime(name: &str, command: &[PathBuf], values: &str, has_egress_policy: bool) -> Value {
    json!({"name": name, "command": command, "values": values, "has_egress_policy": has_egress_policy})
}

/// jco and its shims of WASI in their pinned versions, and the plugin as jco writes it in JavaScript.
fn node(folder: &Path, plugin: &Path) -> anyhow::Result<Value> {
    let lock = program("node/package-lock.json");
    let locked = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let installed = folder.join("installed");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in OF_NODE {
        let from = program("node").join(file);
        fs::copy(&from, folder.join(file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    if !fs::read_to_string(&installed).is_ok_and(|installed| installed == locked) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
        shell::watch(&mut npm, Stdout::Shown, INSTALL_LIMIT).context("npm's packages cannot be installed")?;
        // Last: where it is there, so is all else.
        fs::write(&installed, locked).with_context(|| format!("cannot write {}", installed.display()))?;
    }
    let mut jco = Command::new("node");
    jco.arg("node_modules/@bytecodealliance/jco/dist/jco.js").current_dir(folder);
    jco.arg("transpile").arg(plugin).args(["--out-dir", "plugin", "--quiet", "--no-typescript"]);
    jco.args(["--map", "wasi:http/outgoing-handler=../egress.mjs"]);
    shell::watch(&mut jco, Stdout::Shown, INSTALL_LIMIT)?;
    Ok(runtime("node", &["node".into(), folder.join("call.mjs")], "json", true))
}

/// The folder of the wasmtime command line, whose wheel does not say that it may be run.
fn wasmtime(environment: &Environment) -> anyhow::Result<PathBuf> {
    let find = "import pathlib, wasmtime_cli; print(pathlib.Path(wasmtime_cli.__file__).parent)";
    let folder = PathBuf::from(shell::ask(environment.command("python").args(["-c", find]))?.trim_end());
    let program = folder.join("wasmtime");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} a program", program.display()))?;
    Ok(folder)
}
