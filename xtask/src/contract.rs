//! The contract as a file of its own: its WIT package in binary form, with all documentation, as registries of WIT hold it.

use std::{fs, path::PathBuf};

use anyhow::Context;
use wit_parser::Resolve;

use crate::artifact;

/// Where the contract lies in this repository.
const CONTRACT: &str = "wit";

/// Writes the file and says where it lies.
pub(crate) fn write() -> anyhow::Result<PathBuf> {
    let (name, bytes) = encode(CONTRACT)?;
    let folder = artifact::target_directory()?.join("contract");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join(name);
    fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// The package in a folder: the name of its file, and its bytes.
fn encode(folder: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder)?;
    let name = resolve.packages[package].name.to_string().replace([':', '@'], "-");
    Ok((format!("{name}.wasm"), wit_component::encode(&resolve, package)?))
}

#[cfg(test)]
mod tests {
    use wit_component::DecodedWasm;

    use super::*;

    #[test]
    fn the_documentation_of_every_world_interface_and_function_is_in_it() {
        let (name, bytes) = encode("../wit").expect("the contract can be encoded");
        assert_eq!(name, "orchestrator-plugin-0.1.0.wasm");
        let Ok(DecodedWasm::WitPackage(resolve, package)) = wit_component::decode(&bytes) else {
            panic!("not a WIT package");
        };
        let package = &resolve.packages[package];
        assert!(package.docs.contents.is_some());
        for (name, world) in &package.worlds {
            assert!(resolve.worlds[*world].docs.contents.is_some(), "{name}");
        }
        for (name, interface) in &package.interfaces {
            let interface = &resolve.interfaces[*interface];
            assert!(interface.docs.contents.is_some(), "{name}");
            for (name, function) in &interface.functions {
                assert!(function.docs.contents.is_some(), "{name}");
            }
        }
    }
}
