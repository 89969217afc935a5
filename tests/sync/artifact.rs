//! What is tested: built once by cargo, which says itself where it lies.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The component. The environment variable `STITCH_PLUGIN` names another file to test instead.
pub(crate) fn plugin() -> &'static PathBuf {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(|| match std::env::var_os("STITCH_PLUGIN") {
        Some(path) => path.into(),
        None => {
            let component = ["--lib", "--profile", "component", "--target", "wasm32-wasip2"];
            built("stitch-plugin", &component, |artifact| {
                let files = artifact["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
                files.map(PathBuf::from).find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
            })
        }
    })
}

/// The command line. The environment variable `HOST_HARNESS` names another program to test instead.
pub(crate) fn host_harness() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("HOST_HARNESS") {
        Some(path) => path.into(),
        None => built("host-harness", &["--bins"], |artifact| artifact["executable"].as_str().map(PathBuf::from)),
    })
}

fn built(package: &str, options: &[&str], file: impl Fn(&Value) -> Option<PathBuf>) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--package", package]).args(options);
    let output = cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "cargo could not build {package}: run `cargo xtask setup` first");
    let messages = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut of_package = artifacts
        .filter(|message| message["target"]["name"].as_str().is_some_and(|name| name.replace('_', "-") == package));
    of_package.find_map(|artifact| file(&artifact)).expect("cargo built it")
}
