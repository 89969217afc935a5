//! Artifacts under test, each built once.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use plugin_tests::artifact::{component, example, program};
use plugin_tests::compile_cache;

/// The component.
pub(crate) fn plugin() -> &'static PathBuf {
    static PLUGIN: LazyLock<PathBuf> = LazyLock::new(|| component("stitch-plugin"));
    &PLUGIN
}

/// The components of Airbyte and Fivetran.
pub(crate) fn other_plugins() -> &'static [PathBuf; 2] {
    static PLUGINS: LazyLock<[PathBuf; 2]> = LazyLock::new(|| ["airbyte-plugin", "fivetran-plugin"].map(component));
    &PLUGINS
}

/// The command line, with the compile cache of all tests.
pub(crate) fn host_harness() -> Command {
    let mut program = Command::new(host_harness_path());
    program.env("HOST_HARNESS_CACHE", compile_cache::FOLDER);
    program
}

/// The command line's program.
pub(crate) fn host_harness_path() -> &'static PathBuf {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| program("host-harness-cli", "host-harness"));
    &PROGRAM
}

/// The example that stores its run in its own database.
pub(crate) fn durable() -> &'static PathBuf {
    static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| example("host-harness", "durable"));
    &EXAMPLE
}
