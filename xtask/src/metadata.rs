//! A component's metadata, which cargo does not write: the custom sections that `wasm-tools metadata show` and registries read.

use anyhow::Context;
use serde_json::Value;
use wasm_metadata::{AddMetadata, AddMetadataField, Authors, Description, Licenses, Source, Version};

use crate::artifact;

/// The component with what its package's Cargo.toml says of it: some 250 bytes more.
pub(crate) fn add(component: &[u8], package: &str) -> anyhow::Result<Vec<u8>> {
    let metadata = artifact::metadata()?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let package = packages.into_iter().find(|it| it["name"] == package).context("cargo knows no such package")?;
    of(package)?.to_wasm(component)
}

/// What cargo says of a package, as metadata.
fn of(package: &Value) -> anyhow::Result<AddMetadata> {
    let text = |name: &str| package[name].as_str();
    let mut metadata = AddMetadata::default();
    metadata.name = set(text("name").map(str::to_owned));
    metadata.version = set(text("version").map(|it| Version::new(it.to_owned())));
    metadata.description = set(text("description").map(|it| Description::new(it.to_owned())));
    metadata.licenses = set(text("license").map(Licenses::new).transpose()?);
    metadata.source = set(text("repository").map(Source::new).transpose()?);
    let authors = package["authors"].as_array().into_iter().flatten();
    let authors = authors.filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    metadata.authors = set((!authors.is_empty()).then(|| Authors::new(authors)));
    Ok(metadata)
}

fn set<T: std::fmt::Debug + Clone>(value: Option<T>) -> AddMetadataField<T> {
    value.map_or(AddMetadataField::Keep, AddMetadataField::Set)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasm_metadata::Payload;

    use super::*;

    /// The smallest component: its magic number and its version.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn what_cargo_says_of_a_package_is_found_in_its_component() {
        let package = json!({
            "name": "sample-plugin", "version": "1.2.3", "description": "Drives a sample", "license": "MIT OR Apache-2.0",
            "repository": "https://example.com/sample", "authors": ["One", "Two"],
        });
        let component = of(&package).and_then(|it| it.to_wasm(EMPTY)).expect("it can be written");
        let payload = Payload::from_binary(&component).expect("it can be read");
        let found = payload.metadata();
        let text = |it: Option<String>| it.unwrap_or_default();
        assert_eq!(found.name.as_deref(), Some("sample-plugin"));
        assert_eq!(text(found.version.as_ref().map(ToString::to_string)), "1.2.3");
        assert_eq!(text(found.description.as_ref().map(ToString::to_string)), "Drives a sample");
        assert_eq!(text(found.licenses.as_ref().map(ToString::to_string)), "MIT OR Apache-2.0");
        assert_eq!(text(found.source.as_ref().map(ToString::to_string)), "https://example.com/sample");
        assert_eq!(text(found.authors.as_ref().map(ToString::to_string)), "One, Two");
    }

    #[test]
    fn what_cargo_does_not_say_is_left_out() {
        let component =
            of(&json!({"name": "bare", "repository": null, "authors": []})).and_then(|it| it.to_wasm(EMPTY));
        let payload = Payload::from_binary(&component.expect("it can be written")).expect("it can be read");
        assert!(payload.metadata().source.is_none() && payload.metadata().authors.is_none());
    }
}
