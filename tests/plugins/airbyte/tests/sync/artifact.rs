//! The component: built once by cargo, which says itself where it lies.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The component. The environment variable `AIRBYTE_PLUGIN` names another file to test instead.
pub(crate) fn plugin() -> &'static PathBuf {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(|| std::env::var_os("AIRBYTE_PLUGIN").map_or_else(built, PathBuf::from))
}

fn built() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--lib", "--target", "wasm32-wasip2"]);
    cargo.args(["--profile", "component", "--message-format=json-render-diagnostics"]);
    let output = cargo.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo could not build the component: run `cargo xtask setup` first");
    let messages = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_package = artifacts.filter(|message| message["target"]["name"] == "airbyte_plugin");
    let files = of_package.filter_map(|artifact| Some(artifact["filenames"].as_array()?.clone())).flatten();
    let mut paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
    paths.find(|path| path.extension().is_some_and(|extension| extension == "wasm")).expect("cargo built it")
}
