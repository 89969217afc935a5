//! What is built once and shared by all plugins.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use tracing::Span;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store};

use crate::component::load::{self, LoadError};
use crate::egress::{self, Client, Hooks, Quota, RequestLog, TlsError};
use crate::engine::call_context::CallContext;
use crate::engine::sandbox::{Sandbox, Traces};
use crate::limits::limit_signal::LimitSignal;
use crate::{ComponentInfo, Grant, Limits, Plugin};

/// How often a plugin that computes is interrupted to look whether its time is up.
const TICK: Duration = Duration::from_millis(10);

/// The stacks that a plugin can be given, in bytes: what the engine can work with, and what every call can be given.
const STACK: RangeInclusive<usize> = 64 << 10..=16 << 20;

/// What the host itself may use of a plugin's stack, in bytes.
const HOST_STACK: usize = 1536 << 10;

/// An engine and its limits: what plugins are loaded into. Built once; cheap to clone and to share
/// between threads.
#[derive(Clone)]
pub struct Host {
    engine: Engine,
    client: Client,
    limits: Arc<Limits>,
}

/// The host could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// WebAssembly could not be set up on this machine.
    #[error("the WebAssembly engine could not be set up: {0}")]
    Engine(String),
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The thread that ends plugins which compute without end could not be started.
    #[error("the thread that keeps deadlines could not be started: {0}")]
    Ticker(#[source] std::io::Error),
}

impl Host {
    /// Sets up a host whose plugins trust, over HTTPS, whom this machine trusts.
    pub fn new(limits: Limits) -> Result<Self, HostError> {
        Self::with_roots(limits, egress::system_roots())
    }

    /// As [`Host::new`], and trusts these root certificates too: a PEM text (RFC 7468) such as that of a company's own
    /// authority.
    pub fn trusting(limits: Limits, roots_pem: &[u8]) -> Result<Self, HostError> {
        Self::with_roots(limits, egress::with_pem(egress::system_roots(), roots_pem)?)
    }

    fn with_roots(mut limits: Limits, roots: RootCertStore) -> Result<Self, HostError> {
        limits.stack.0 = limits.stack.0.clamp(*STACK.start(), *STACK.end());
        let engine = Engine::new(&config(&limits)).map_err(|error| HostError::Engine(format!("{error:#}")))?;
        if limits.cpu < Duration::MAX || limits.call < Duration::MAX {
            tick(&engine).map_err(HostError::Ticker)?;
        }
        Ok(Self { engine, client: Client::new(&limits, roots)?, limits: Arc::new(limits) })
    }

    /// Loads a plugin from a component file and compiles it. It may send no request before [`Plugin::allow`]. Nothing of
    /// the plugin runs.
    ///
    /// Validating and compiling block the thread: for some 100 ms as a rule, for [`Limits::compile`] at most. Call it where that does no
    /// harm, such as in `tokio::task::spawn_blocking`.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Plugin, LoadError> {
        self.load_bytes(&self.read(path)?)
    }

    /// Reads a file that may become a plugin, up to [`Limits::component`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, LoadError> {
        load::read(path.as_ref(), &self.limits)
    }

    /// As [`Host::load`], from the bytes of a component in WebAssembly's binary format.
    pub fn load_bytes(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        Plugin::compile(self.clone(), bytes)
    }

    /// Reads what a component is made of, without validating or compiling it, and whether it keeps to the limits of
    /// weight or not. Waits for [`Limits::compile`] at most.
    pub fn anatomy(&self, bytes: &[u8]) -> Result<ComponentInfo, LoadError> {
        load::anatomy(bytes, &self.limits)
    }

    /// What one call may take here.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn shared_limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Everything that a plugin may import.
    pub(crate) fn linker(&self) -> wasmtime::Result<Linker<Sandbox>> {
        let mut linker = Linker::new(&self.engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        Ok(linker)
    }

    /// A store for one call, which may send what these grants cover and was given this.
    pub(crate) fn store(
        &self,
        grants: Arc<[Grant]>,
        limits: Arc<Limits>,
        given: &CallContext,
        span: Span,
    ) -> (Store<Sandbox>, Traces) {
        let hooks = Hooks {
            client: self.client.clone(),
            grants,
            breach: LimitSignal::new(Arc::clone(&limits)),
            limits,
            traffic: RequestLog::new(given.redactor.clone()),
            quota: Quota::default(),
            placeholders: given.placeholders.clone(),
            span,
        };
        Sandbox::store(&self.engine, hooks)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// The engine's settings. What no plugin needs is off: it would only be more to attack.
fn config(limits: &Limits) -> Config {
    let stack = limits.stack.0;
    let mut config = Config::new();
    config
        .epoch_interruption(limits.cpu < Duration::MAX || limits.call < Duration::MAX)
        .max_wasm_stack(stack)
        .async_stack_size(stack + HOST_STACK)
        // One function at a time: what compiling takes does not depend on the number of processors.
        .parallel_compilation(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false);
    config
}

/// Starts the thread that advances the engine's epoch for as long as there is an engine.
fn tick(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    std::thread::Builder::new().name("plugin-deadlines".to_owned()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;

    #[test]
    fn a_host_trusts_additional_roots() {
        assert!(Host::trusting(Limits::default(), fault_server::authority_pem().as_bytes()).is_ok());
    }

    #[test]
    fn a_stack_that_no_plugin_can_be_given_is_one_that_it_can() {
        let stack = |stack| Host::new(Limits { stack, ..Limits::default() }).unwrap().limits().stack;
        assert_eq!(
            [Size(0), Size(1 << 20), Size(usize::MAX)].map(stack),
            [Size(64 << 10), Size(1 << 20), Size(16 << 20)]
        );
    }

    #[test]
    fn roots_that_hold_no_certificate_are_an_error() {
        let error = Host::trusting(Limits::default(), b"not a certificate").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the additional root certificates hold no certificate: give them in PEM, from BEGIN to END CERTIFICATE"
        );
    }
}
