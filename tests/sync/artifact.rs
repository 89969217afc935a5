//! What is tested: built once by cargo, which says itself where it lies.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The component. The environment variable `STITCH_PLUGIN` names another file to test instead.
pub(crate) fn plugin() -> &'static PathBuf {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        named("STITCH_PLUGIN").unwrap_or_else(|| built("stitch-plugin", "stitch-plugin", &COMPONENT, component))
    })
}

/// The components of Airbyte and Fivetran.
pub(crate) fn other_plugins() -> &'static [PathBuf; 2] {
    static PLUGINS: OnceLock<[PathBuf; 2]> = OnceLock::new();
    PLUGINS.get_or_init(|| ["airbyte-plugin", "fivetran-plugin"].map(|name| built(name, name, &COMPONENT, component)))
}

const COMPONENT: [&str; 5] = ["--lib", "--profile", "component", "--target", "wasm32-wasip2"];

/// The command line. The environment variable `HOST_HARNESS` names another program to test instead.
pub(crate) fn host_harness() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = |artifact: &Value| artifact["executable"].as_str().map(PathBuf::from);
    PROGRAM.get_or_init(|| {
        named("HOST_HARNESS")
            .unwrap_or_else(|| built("host-harness-cli", "host-harness", &["--bins", "--features", "otlp"], program))
    })
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn component(artifact: &Value) -> Option<PathBuf> {
    let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.into_iter().find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

fn built(package: &str, target: &str, options: &[&str], file: impl Fn(&Value) -> Option<PathBuf>) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--package", package]).args(options);
    let output = cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "cargo could not build {package}: run `cargo xtask setup` first");
    let messages = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut of_package = artifacts
        .filter(|message| message["target"]["name"].as_str().is_some_and(|name| name.replace('_', "-") == target));
    of_package.find_map(|artifact| file(&artifact)).expect("cargo built it")
}
