//! What a build made and where it lies, as cargo itself tells in JSON.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::Context;
use serde_json::Value;

use crate::shell::{self, Stdout, cargo};

/// The packages and features that the tests are built with. Whatever else builds the workspace takes the same, or its dependencies
/// would be built anew.
pub(crate) const WORKSPACE: [&str; 4] = ["--workspace", "--features", "host-harness-cli/otlp", "--locked"];

/// The longest time for a build of the workspace: a first one compiles Cranelift, some minutes on two cores.
pub(crate) const BUILD_LIMIT: Duration = Duration::from_hours(1);

/// The folder of all that cargo builds.
pub(crate) fn target_directory() -> anyhow::Result<PathBuf> {
    metadata()?["target_directory"].as_str().map(PathBuf::from).context("`cargo metadata` names no target_directory")
}

/// What cargo knows of the workspace and its packages.
pub(crate) fn metadata() -> anyhow::Result<Value> {
    let metadata = shell::ask(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    serde_json::from_str(&metadata).context("`cargo metadata` gave no JSON")
}

/// What a build made: cargo's messages.
pub(crate) struct Artifacts(String);

impl Artifacts {
    /// Runs a build, such as `cargo build --bins`, within the time limit.
    pub(crate) fn build(cargo: &mut Command, limit: Duration) -> anyhow::Result<Self> {
        shell::watch(cargo.arg("--message-format=json-render-diagnostics"), Stdout::Returned, limit).map(Self)
    }

    /// The files of the target of this name or, without a name, of all of them.
    pub(crate) fn files(&self, target: Option<&str>) -> Vec<PathBuf> {
        self.reported()
            .filter(|artifact| target.is_none_or(|name| artifact["target"]["name"] == name))
            .flat_map(|artifact| artifact["filenames"].as_array().cloned().unwrap_or_default())
            .filter_map(|file| file.as_str().map(PathBuf::from))
            .collect()
    }

    /// The first WebAssembly file of the target of this name or, without a name, of all of them.
    pub(crate) fn wasm(&self, target: Option<&str>) -> Option<PathBuf> {
        self.files(target).into_iter().find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
    }

    /// The program, example or benchmark of this name.
    pub(crate) fn program(&self, name: &str) -> anyhow::Result<PathBuf> {
        self.executable(name).with_context(|| format!("cargo built no program {name}"))
    }

    /// A program's tests are programs of the same name; a benchmark counts as a test for cargo.
    fn executable(&self, name: &str) -> Option<PathBuf> {
        let is_run = |artifact: &Value| artifact["profile"]["test"] != true || artifact["target"]["kind"][0] == "bench";
        let mut named = self.reported().filter(|artifact| artifact["target"]["name"] == name && is_run(artifact));
        named.find_map(|artifact| artifact["executable"].as_str().map(PathBuf::from))
    }

    fn reported(&self) -> impl Iterator<Item = Value> {
        let messages = self.0.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        messages.filter(|message| message["reason"] == "compiler-artifact")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"
{"reason":"compiler-artifact","target":{"name":"core"},"filenames":["/t/libcore-1.rlib","/t/libcore-1.rmeta"]}
not JSON: a build script may print anything
{"reason":"build-script-executed","filenames":["/t/never"]}
{"reason":"compiler-artifact","target":{"name":"stitch_plugin"},"filenames":["/t/stitch_plugin.wasm"]}
{"reason":"compiler-artifact","target":{"name":"host"},"filenames":["/t/libhost.rlib"],"executable":null}
{"reason":"compiler-artifact","target":{"name":"host"},"profile":{"test":true},"filenames":["/t/host-1"],"executable":"/t/host-1"}
{"reason":"compiler-artifact","target":{"name":"host"},"profile":{"test":false},"filenames":["/t/host"],"executable":"/t/host"}
{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"figures"},"profile":{"test":true},"filenames":["/t/figures"],"executable":"/t/figures"}
{"reason":"build-finished","success":true}
"#;

    fn reported() -> Artifacts {
        Artifacts(MESSAGES.to_owned())
    }

    #[test]
    fn the_files_of_a_named_target_are_found() {
        assert_eq!(reported().files(Some("stitch_plugin")), [PathBuf::from("/t/stitch_plugin.wasm")]);
    }

    #[test]
    fn without_a_name_every_target_counts() {
        assert_eq!(reported().files(None).len(), 7);
    }

    #[test]
    fn a_target_that_was_not_built_has_no_files() {
        assert!(reported().files(Some("other")).is_empty());
    }

    #[test]
    fn a_program_or_a_benchmark_is_told_from_the_library_and_the_tests_of_the_same_name() {
        assert_eq!(reported().executable("host"), Some(PathBuf::from("/t/host")));
        assert_eq!(reported().executable("figures"), Some(PathBuf::from("/t/figures")));
        assert_eq!(reported().executable("stitch_plugin"), None);
    }
}
