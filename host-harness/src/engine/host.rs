//! The host: built once and shared by all plugins.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store};

use crate::component::load::{self, LoadError};
use crate::egress::{self, Client, Hooks, Quota, RequestLog, Share, TlsError};
use crate::engine::call_context::CallContext;
use crate::engine::sandbox::{Sandbox, Traces};
use crate::limits::limit_signal::LimitSignal;
use crate::spans::CallSpan;
use crate::{CompileCache, ComponentInfo, Grant, Limits, Plugin};

/// The tick of the engine's epoch, at which a computing plugin is interrupted to check its time.
const TICK: Duration = Duration::from_millis(10);

/// The plugin stacks that can be set, in bytes: what the engine supports, and what every call can be given.
const STACK: RangeInclusive<usize> = 64 << 10..=16 << 20;

/// The part of a plugin's stack that the host itself may use, in bytes.
const HOST_STACK: usize = 1536 << 10;

/// The host: an engine and its limits, into which plugins are loaded. Built once; cheap to clone and to share between
/// threads.
#[derive(Clone)]
pub struct Host {
    engine: Engine,
    client: Client,
    limits: Arc<Limits>,
    cache: Option<CompileCache>,
}

/// An error of setting up the host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// WebAssembly could not be set up on this machine.
    #[error("the WebAssembly engine could not be set up: {0}")]
    Engine(String),
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The thread that interrupts computing plugins could not be started.
    #[error("the thread that keeps deadlines could not be started: {0}")]
    Ticker(#[source] std::io::Error),
}

impl Host {
    /// A host whose plugins use this machine's root certificates for HTTPS.
    pub fn new(limits: Limits) -> Result<Self, HostError> {
        Self::with_roots(limits, egress::system_roots())
    }

    /// As [`Host::new`], with further root certificates: a PEM text (RFC 7468), such as that of a company's own
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
        Ok(Self { engine, client: Client::new(&limits, roots)?, limits: Arc::new(limits), cache: None })
    }

    /// The same host, which keeps what it compiles in this cache and loads it from there: some milliseconds instead of some
    /// 100.
    #[must_use]
    pub fn with_cache(self, cache: impl Into<Option<CompileCache>>) -> Self {
        Self { cache: cache.into(), ..self }
    }

    /// Loads a plugin from a component file and compiles it. It may send no request before [`Plugin::allow`]. None of
    /// the plugin's code runs.
    ///
    /// Validating and compiling block the thread: some 100 ms as a rule, [`Limits::compile`] at most. Call it where
    /// that does no harm, such as in `tokio::task::spawn_blocking`.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Plugin, LoadError> {
        self.load_bytes(&self.read(path)?)
    }

    /// Reads a component file, up to [`Limits::component`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, LoadError> {
        load::read(path.as_ref(), &self.limits)
    }

    /// As [`Host::load`], from the bytes of a component in WebAssembly's binary format.
    pub fn load_bytes(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        Plugin::compile(self.clone(), bytes)
    }

    /// Inspects a component without validating or compiling it, even one that passes the limits of weight and
    /// validation. Takes [`Limits::compile`] at most.
    pub fn anatomy(&self, bytes: &[u8]) -> Result<ComponentInfo, LoadError> {
        load::anatomy(bytes, &self.limits)
    }

    /// The limits of each call.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn compile_cache(&self) -> Option<&CompileCache> {
        self.cache.as_ref()
    }

    pub(crate) fn shared_limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The linker with everything that a plugin may import.
    pub(crate) fn linker(&self) -> wasmtime::Result<Linker<Sandbox>> {
        let mut linker = Linker::new(&self.engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        Ok(linker)
    }

    /// A store for one call, with these grants and this context.
    pub(crate) fn store(
        &self,
        grants: Arc<[Grant]>,
        limits: Arc<Limits>,
        share: Option<Share>,
        context: &CallContext,
        span: CallSpan,
    ) -> (Store<Sandbox>, Traces) {
        let hooks = Hooks {
            client: self.client.clone(),
            grants,
            limit_signal: LimitSignal::new(Arc::clone(&limits)),
            limits,
            request_log: RequestLog::new(context.redactor.clone()),
            quota: Quota::new(share),
            placeholders: context.placeholders.clone(),
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

/// The engine's settings. Features that plugins do not need are off, to reduce the attack surface.
fn config(limits: &Limits) -> Config {
    let stack = limits.stack.0;
    let mut config = Config::new();
    config
        .epoch_interruption(limits.cpu < Duration::MAX || limits.call < Duration::MAX)
        .max_wasm_stack(stack)
        .async_stack_size(stack + HOST_STACK)
        // One function at a time, so that the time does not depend on the number of processors.
        .parallel_compilation(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false);
    config
}

/// Starts the thread that advances the engine's epoch until the engine is dropped.
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
