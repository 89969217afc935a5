//! The guests as components, built once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use plugin_tests::artifact::examples;

/// Where the sources of the guests lie.
pub(crate) fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// A guest as the host loads it. The environment variable `HOSTILE_PLUGINS` names a folder of guests that were built
/// before.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    static BUILT: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| examples("hostile-plugins"));
    let text = sources().join(name).with_extension("wat");
    if text.exists() {
        return component_of(wat::parse_file(text).expect("WebAssembly text"));
    }
    let file = match std::env::var_os("HOSTILE_PLUGINS") {
        Some(folder) => Path::new(&folder).join(name).with_extension("wasm"),
        None => BUILT.get(name).unwrap_or_else(|| panic!("there is no guest {name}")).clone(),
    };
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A component of the contract around a core module.
fn component_of(mut module: Vec<u8>) -> Vec<u8> {
    let mut contract = wit_parser::Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../wit");
    let (package, _) = contract.push_dir(wit).expect("the contract");
    let world = contract.select_world(&[package], Some("plugin")).expect("its world");
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &contract, world, encoding).expect("a core module");
    let mut encoder = wit_component::ComponentEncoder::default().module(&module).expect("a module of the contract");
    encoder.encode().expect("a component")
}
