//! What every reader of outside data must keep to, for the fuzzer: see the README.
//!
//! The host's pure files are built in from their sources, without the rest of the host: wasmtime under a sanitizer takes
//! very long to build. This crate stands in for `host-harness`, so that the properties read the same here as in the
//! ordinary tests, which have the real one.

extern crate self as host_harness;

#[path = "../../../host-harness/src/arguments.rs"]
mod arguments;
#[path = "../../../host-harness/src/mask.rs"]
mod mask;
#[path = "../../../host-harness/src/origin.rs"]
mod origin;
mod properties;
#[path = "../../../host-harness/src/secret.rs"]
mod secret;

/// The contract's types: the same definitions, as the plugin's bindings have them.
pub mod contract {
    pub use stitch_plugin::bindings::orchestrator::plugin::types::{
        Descriptor, Field, FieldKind, NamedValue, Restrictions, Value,
    };
}

pub use arguments::{Arguments, InputError, Inputs};
pub use mask::Mask;
pub use origin::Origin;
pub use secret::Secret;

/// Holds `data` against the property called `name`: what a fuzz target does.
///
/// # Panics
/// Where it does not hold.
pub fn hold(name: &str, data: &[u8]) {
    properties::hold(name, data);
}
