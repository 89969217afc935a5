//! Why a file is no plugin that this host can run.

use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;

/// The package and the version of the contract that this host speaks.
pub(crate) const PACKAGE: &str = "orchestrator:plugin";
pub(crate) const VERSION: &str = "0.1.0";

/// A file could not be loaded as a plugin.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is WebAssembly, and not a component.
    #[error("it is a core WebAssembly module and not a component: build it for the target wasm32-wasip2")]
    CoreModule,
    /// It is no WebAssembly in the binary format.
    #[error("it is no WebAssembly component")]
    NotWebAssembly,
    /// It says that it is a component and cannot be compiled.
    #[error("it cannot be compiled: {0}")]
    Invalid(String),
    /// It does not export the interface that every plugin exports.
    #[error("it does not export {PACKAGE}/task@{VERSION}, which this host calls; {}", exports_in_words(found))]
    NoTask {
        /// The names that it exports.
        found: Vec<String>,
    },
    /// It exports an interface of the contract's name with other functions or types.
    #[error("its {interface} is not that of the contract: {reason}")]
    OtherShape {
        /// The interface.
        interface: &'static str,
        /// What differs.
        reason: String,
    },
    /// It imports what this host does not offer.
    #[error("it imports what this host does not offer: {0} (offered are WASI 0.2 and wasi:http 0.2)")]
    Imports(String),
}

fn exports_in_words(found: &[String]) -> String {
    if found.is_empty() { "it exports nothing".to_owned() } else { format!("it exports {}", found.join(", ")) }
}

/// Compiles what is a component, and says what anything else is.
pub(crate) fn compile(engine: &Engine, bytes: &[u8]) -> Result<Component, LoadError> {
    match bytes.first_chunk::<8>() {
        Some([b'\0', b'a', b's', b'm', _, _, 1, 0]) => {
            Component::from_binary(engine, bytes).map_err(|error| LoadError::Invalid(format!("{error:#}")))
        }
        Some([b'\0', b'a', b's', b'm', ..]) => Err(LoadError::CoreModule),
        _ => Err(LoadError::NotWebAssembly),
    }
}
