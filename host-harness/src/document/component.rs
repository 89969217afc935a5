//! A component as JSON: its imports, exports and sizes, as far as the file could be read.

use serde::Serialize;

use crate::{ComponentInfo, ComponentMetadata, Offer};

/// What is known of a component's file before anyone trusts it.
#[derive(Clone, Debug, Serialize)]
pub struct ComponentDocument<'a> {
    metadata: &'a ComponentMetadata,
    imports: Vec<ImportDocument<'a>>,
    exports: &'a [String],
    modules: usize,
    functions: usize,
    code_bytes: usize,
    largest_function_bytes: usize,
    weight: usize,
    validation: usize,
    memory_bytes: u64,
}

#[derive(Clone, Debug, Serialize)]
struct ImportDocument<'a> {
    name: &'a str,
    offered: bool,
    meaning: String,
}

impl<'a> From<&'a ComponentInfo> for ComponentDocument<'a> {
    fn from(component: &'a ComponentInfo) -> Self {
        let import = |name: &'a String| {
            let offer = Offer::of(name);
            ImportDocument { name, offered: matches!(offer, Offer::Offered(_)), meaning: offer.to_string() }
        };
        Self {
            metadata: &component.metadata,
            imports: component.imports.iter().map(import).collect(),
            exports: &component.exports,
            modules: component.modules,
            functions: component.functions,
            code_bytes: component.code,
            largest_function_bytes: component.largest_function,
            weight: component.weight,
            validation: component.validation,
            memory_bytes: component.memory,
        }
    }
}
