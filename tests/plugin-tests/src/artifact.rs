//! Components and programs of this workspace: built by cargo, which says itself where they lie.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The component of a plugin. An environment variable such as `STITCH_PLUGIN` names another file to test instead.
pub fn component(package: &str) -> PathBuf {
    let name = package.replace('-', "_");
    let built = || built(package, &["--lib", "--profile", "component", "--target", "wasm32-wasip2"]);
    named(package)
        .or_else(|| built().iter().filter(|artifact| artifact["target"]["name"] == *name).find_map(wasm))
        .expect("cargo built it")
}

/// A program of a package, with all its features. An environment variable such as `HOST_HARNESS` names another to test instead.
pub fn program(package: &str, name: &str) -> PathBuf {
    let executable = |artifact: &Value| artifact["executable"].as_str().map(PathBuf::from);
    named(name)
        .or_else(|| built(package, &["--bins", "--all-features"]).iter().find_map(executable))
        .expect("cargo built it")
}

/// An example of a package that is a program. An environment variable such as `DURABLE` names another to test instead.
pub fn example(package: &str, name: &str) -> PathBuf {
    let executable = |artifact: &Value| artifact["executable"].as_str().map(PathBuf::from);
    named(name).or_else(|| built(package, &["--example", name]).iter().find_map(executable)).expect("cargo built it")
}

/// The components that a package has as examples, by their names.
pub fn examples(package: &str) -> BTreeMap<String, PathBuf> {
    let artifacts = built(package, &["--examples", "--profile", "guest", "--target", "wasm32-wasip2"]);
    let component = |artifact: &Value| Some((artifact["target"]["name"].as_str()?.to_owned(), wasm(artifact)?));
    artifacts.iter().filter_map(component).collect()
}

fn named(package: &str) -> Option<PathBuf> {
    std::env::var_os(package.replace('-', "_").to_uppercase()).map(PathBuf::from)
}

/// The WebAssembly file of an artifact, if it has one.
fn wasm(artifact: &Value) -> Option<PathBuf> {
    let mut files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

/// The artifacts that cargo tells of, those of the dependencies among them.
fn built(package: &str, options: &[&str]) -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--package", package]).args(options);
    let output = cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit()).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "cargo could not build {package}: run `cargo xtask setup` first");
    let messages = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
