//! Component loading: from untrusted bytes to a compiled component, or to the reason for refusing it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use semver::Version;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::{CompileCache, ComponentInfo, Exceeded, Limit, Limits, Offer, spans};

/// The package of the contract, and the version that this host speaks.
pub(crate) const PACKAGE: &str = "orchestrator:plugin";
pub(crate) const VERSION: &str = "0.1.0";

/// The compiling thread's stack, in bytes.
const STACK: usize = 8 << 20;

/// An error of loading a file as a plugin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is a core module, not a component.
    #[error("it is a core WebAssembly module and not a component: build it for the target wasm32-wasip2")]
    CoreModule,
    /// The file is not WebAssembly in the binary format.
    #[error("it is not a WebAssembly component")]
    NotWebAssembly,
    /// The file is larger, or costlier to validate or compile, than the limits allow. Names all limits that it passes.
    #[error("{}", in_words(passed))]
    LimitExceeded {
        /// The parts that are too large, with their limits.
        passed: Vec<PassedLimit>,
    },
    /// The file says that it is a component, but cannot be compiled.
    #[error("it cannot be compiled: {0}")]
    Invalid(String),
    /// The component does not export the interface that every plugin exports.
    #[error("it does not export {PACKAGE}/task@{VERSION}, which this host calls; {}", exports_in_words(found))]
    NoTask {
        /// The names of its exports.
        found: Vec<String>,
    },
    /// The component speaks another version of the contract.
    #[error(
        "it exports {found}; this host speaks {}: use a host that speaks {}, or build the plugin against \
         {PACKAGE}@{VERSION}",
        line(VERSION),
        line(version_of(found))
    )]
    OtherVersion {
        /// The interface that it exports, with its version.
        found: String,
    },
    /// The component exports an interface of the contract's name with other functions or types.
    #[error("its {interface} is not that of the contract: {reason}")]
    OtherShape {
        /// The interface.
        interface: &'static str,
        /// The difference.
        reason: String,
    },
    /// The component imports what this host does not offer.
    #[error(
        "it imports what this host does not offer: {}; offered are {OFFERED}",
        missing.join(", ")
    )]
    Imports {
        /// The names of all imports that are not offered.
        missing: Vec<String>,
    },
    /// The component imports an interface that this host offers, with other functions or types.
    #[error("what it imports is not as this host offers it: {0}")]
    OtherImport(String),
}

/// A limit that a file goes past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedLimit {
    /// The part: `file`, `largest function`, `code`, `validation`, `examination` or `compilation`.
    pub part: &'static str,
    /// The limit.
    pub exceeded: Exceeded,
}

impl LoadError {
    fn past(part: &'static str, exceeded: Exceeded) -> Self {
        Self::LimitExceeded { passed: vec![PassedLimit { part, exceeded }] }
    }
}

fn in_words(passed: &[PassedLimit]) -> String {
    let passed = passed.iter().map(|PassedLimit { part, exceeded }| format!("its {part} goes past {exceeded}"));
    passed.collect::<Vec<_>>().join(", ")
}

const OFFERED: &str =
    "wasi:cli, wasi:clocks, wasi:filesystem, wasi:http, wasi:io, wasi:random and wasi:sockets, all 0.2";

fn exports_in_words(found: &[String]) -> String {
    if found.is_empty() { "it exports nothing".to_owned() } else { format!("it exports {}", found.join(", ")) }
}

fn version_of(name: &str) -> &str {
    name.split_once('@').map_or("", |(_, version)| version)
}

/// The name of a line of compatible versions: same major or, before 1.0, same minor version.
fn line(version: &str) -> String {
    match Version::parse(version) {
        Ok(Version { major: 0, minor, .. }) => format!("0.{minor}"),
        Ok(Version { major, .. }) => major.to_string(),
        Err(_) => "no known version".to_owned(),
    }
}

/// A file that is too large is read and inspected up to so many times the limit, and never compiled, so that all limits that it
/// passes are named at once.
const INSPECTED: usize = 4;

/// Reads a component file. Only regular files are opened, and never read beyond what is inspected.
pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let found = fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")));
    }
    let most = limits.component.0.saturating_mul(INSPECTED);
    let too_large = || LoadError::past("file", limits.exceeded(Limit::Component));
    if found.len() > most as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // The file may have grown meanwhile.
    file.take((most as u64).saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > most { Err(too_large()) } else { Ok(bytes) }
}

/// Checks a component's properties, before it is validated or compiled: that it keeps to the limits and speaks our contract.
fn admit(anatomy: &ComponentInfo, limits: &Limits) -> Result<(), LoadError> {
    let passed = [
        ("file", Limit::Component, anatomy.bytes > limits.component.0),
        ("largest function", Limit::FunctionBody, anatomy.largest_function > limits.function_body.0),
        ("code", Limit::Weight, anatomy.weight > limits.weight),
        ("validation", Limit::Validation, anatomy.validation > limits.validation),
    ];
    let passed = passed.into_iter().filter(|(_, _, is_passed)| *is_passed);
    let passed: Vec<_> =
        passed.map(|(part, limit, _)| PassedLimit { part, exceeded: limits.exceeded(limit) }).collect();
    if !passed.is_empty() {
        return Err(LoadError::LimitExceeded { passed });
    }
    speaks(&anatomy.exports)
}

/// Inspects a component, within the time limit. One that is too large is refused with all limits that it passes.
pub(crate) fn anatomy(bytes: &[u8], limits: &Limits) -> Result<ComponentInfo, LoadError> {
    let within = limits.clone();
    in_time("examination", bytes, limits, move |bytes| {
        let info = inspected(bytes, &within)?;
        if bytes.len() > within.component.0 { admit(&info, &within).map(|()| info) } else { Ok(info) }
    })
}

/// The properties of a file. Where it is too large and not a component either, its size is the reason to refuse it.
fn inspected(bytes: &[u8], limits: &Limits) -> Result<ComponentInfo, LoadError> {
    let too_large = |_| LoadError::past("file", limits.exceeded(Limit::Component));
    let info = ComponentInfo::read(bytes);
    if bytes.len() > limits.component.0 { info.map_err(too_large) } else { info }
}

/// Inspects, validates and compiles a component, or loads it from the cache, within the time limit.
pub(crate) fn compile(
    engine: &Engine,
    bytes: &[u8],
    sha256: &str,
    limits: &Limits,
    cache: Option<&CompileCache>,
) -> Result<(ComponentInfo, Component), LoadError> {
    let (engine, sha256, within, cache) = (engine.clone(), sha256.to_owned(), limits.clone(), cache.cloned());
    in_time("compilation", bytes, limits, move |bytes| {
        let compile = || {
            spans::cache_hit(false);
            let info = inspected(bytes, &within)?;
            admit(&info, &within)?;
            let component = Component::from_binary(&engine, bytes);
            Ok((info, component.map_err(|error| LoadError::Invalid(format!("{error:#}")))?))
        };
        match cache {
            Some(cache) => cache.load(&engine, &sha256, |info| admit(info, &within), compile),
            None => compile(),
        }
    })
}

/// Works on a file on a separate thread, within the time limit. The thread cannot be stopped after that, but the file's
/// weight bounds how long it goes on.
fn in_time<T: Send + 'static>(
    part: &'static str,
    bytes: &[u8],
    limits: &Limits,
    work: impl FnOnce(&[u8]) -> Result<T, LoadError> + Send + 'static,
) -> Result<T, LoadError> {
    if bytes.len() > limits.component.0.saturating_mul(INSPECTED) {
        return Err(LoadError::past("file", limits.exceeded(Limit::Component)));
    }
    let (done, worked) = mpsc::sync_channel(1);
    let bytes = bytes.to_vec();
    let work = spans::carried(move || work(&bytes));
    let thread = thread::Builder::new().name("plugin-compiler".to_owned()).stack_size(STACK).spawn(move || {
        // The receiver is gone once the time is up.
        _ = done.send(work());
    });
    thread.map_err(|error| LoadError::Invalid(format!("no thread could be started for it: {error}")))?;
    match worked.recv_timeout(limits.compile) {
        Ok(worked) => worked,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(LoadError::past(part, limits.exceeded(Limit::Compile))),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(LoadError::Invalid(format!("its {part} crashed"))),
    }
}

/// Checks that the exports include a `task` interface of a version that this host speaks.
fn speaks(exports: &[String]) -> Result<(), LoadError> {
    let prefix = format!("{PACKAGE}/task@");
    let tasks: Vec<_> = exports.iter().filter(|name| name.starts_with(&prefix)).collect();
    match tasks[..] {
        [] => Err(LoadError::NoTask { found: exports.to_vec() }),
        _ if tasks.iter().any(|name| line(version_of(name)) == line(VERSION)) => Ok(()),
        [found, ..] => Err(LoadError::OtherVersion { found: found.clone() }),
    }
}

/// The error of a component that cannot be linked: all imports that are not offered, or else the engine's error.
pub(crate) fn unlinked(anatomy: &ComponentInfo, error: &wasmtime::Error) -> LoadError {
    let missing = anatomy.imports.iter().filter_map(|import| match Offer::of(import) {
        Offer::Offered(_) => None,
        Offer::OtherVersion(version) => Some(format!("{import} (offered is {version})")),
        Offer::Unknown => Some(import.clone()),
    });
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() { LoadError::OtherImport(format!("{error:#}")) } else { LoadError::Imports { missing } }
}
