//! The sandbox: a plugin's surroundings during one call.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::egress::{Hooks, RequestLog};
use crate::engine::memory::Memory;
use crate::engine::stderr::Stderr;
use crate::limits::limit_signal::LimitSignal;

/// The state of one instance: wasi:http under the egress policy, clocks, random numbers, a bounded stderr, and nothing
/// else. No files, no environment, no arguments, no input, no sockets.
pub(crate) struct Sandbox {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    table: ResourceTable,
    memory: Memory,
}

/// The records that outlive a sandbox's store.
pub(crate) struct Traces {
    pub(crate) stderr: Stderr,
    pub(crate) request_log: RequestLog,
    pub(crate) limit_signal: LimitSignal,
}

impl Sandbox {
    /// A fresh store with a fresh sandbox.
    pub(crate) fn store(engine: &Engine, hooks: Hooks) -> (Store<Self>, Traces) {
        let limits = Arc::clone(&hooks.limits);
        let stderr = Stderr::new(limits.stderr.0, hooks.request_log.redactor.clone());
        let traces = Traces {
            stderr: stderr.clone(),
            request_log: hooks.request_log.clone(),
            limit_signal: hooks.limit_signal.clone(),
        };
        let mut wasi = WasiCtx::builder();
        wasi.stdout(stderr.clone())
            .stderr(stderr)
            .allow_tcp(false)
            .allow_udp(false)
            .max_random_size(limits.random.0 as u64);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(limits.request_headers.0);
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles);
        let memory = Memory::new(Arc::clone(&limits), hooks.limit_signal.clone());
        let mut store = Store::new(engine, Self { wasi: wasi.build(), http, hooks, table, memory });
        store.limiter(|sandbox| &mut sandbox.memory);
        store.set_max_component_handles(limits.handles);
        store.set_hostcall_fuel(limits.answer.0);
        // A computing plugin yields at every tick, so that its time can be checked and its deadline can end it.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        (store, traces)
    }
}

impl WasiView for Sandbox {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Sandbox {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}
