//! The guests as components: built once by cargo, which says itself where they lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// Where the sources of the guests lie.
pub(crate) fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// A guest as the host loads it. The environment variable `HOSTILE_PLUGINS` names a folder of guests that were built
/// before.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let text = sources().join(name).with_extension("wat");
    if text.exists() {
        return wat::parse_file(text).expect("WebAssembly text");
    }
    let file = match std::env::var_os("HOSTILE_PLUGINS") {
        Some(folder) => Path::new(&folder).join(name).with_extension("wasm"),
        None => built().get(name).unwrap_or_else(|| panic!("there is no guest {name}")).clone(),
    };
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn built() -> &'static BTreeMap<String, PathBuf> {
    static GUESTS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    GUESTS.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["build", "--locked", "--package", "hostile-plugins", "--examples", "--profile", "guest"]);
        cargo.args(["--target", "wasm32-wasip2", "--message-format=json-render-diagnostics"]);
        let output = cargo.stderr(Stdio::inherit()).output().expect("cargo runs");
        assert!(output.status.success(), "cargo could not build the guests: run `cargo xtask setup` first");
        let messages = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
        messages.lines().filter_map(|line| component(&serde_json::from_str(line).ok()?)).collect()
    })
}

fn component(artifact: &Value) -> Option<(String, PathBuf)> {
    let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str).map(PathBuf::from);
    let file = files.into_iter().find(|file| file.extension().is_some_and(|extension| extension == "wasm"))?;
    Some((artifact["target"]["name"].as_str()?.to_owned(), file))
}
