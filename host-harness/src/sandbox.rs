//! What a plugin finds around it during one call.

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::egress::{Hooks, Traffic};
use crate::stderr::Stderr;

/// The state of one instance: wasi:http by way of the policy, clocks, random numbers, a bounded stderr, and nothing else.
/// No files, no environment, no arguments, no input, no sockets.
pub(crate) struct Sandbox {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    table: ResourceTable,
    pub(crate) memory: Memory,
}

/// What stays of a sandbox when its store is gone.
pub(crate) struct Traces {
    pub(crate) stderr: Stderr,
    pub(crate) traffic: Traffic,
}

impl Sandbox {
    /// A fresh store around a fresh sandbox.
    pub(crate) fn store(engine: &Engine, hooks: Hooks) -> (Store<Self>, Traces) {
        let stderr = Stderr::new(hooks.limits.stderr.0);
        let traces = Traces { stderr: stderr.clone(), traffic: hooks.traffic.clone() };
        let sandbox = Self {
            wasi: WasiCtx::builder().stdout(stderr.clone()).stderr(stderr).allow_tcp(false).allow_udp(false).build(),
            http: WasiHttpCtx::new(),
            memory: Memory::new(hooks.limits.memory.0),
            hooks,
            table: ResourceTable::new(),
        };
        let mut store = Store::new(engine, sandbox);
        store.limiter(|sandbox| &mut sandbox.memory);
        // A plugin that computes gives way at every tick, so that its deadline can end it.
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

/// Linear memory under a limit, all memories of an instance together.
#[derive(Debug)]
pub(crate) struct Memory {
    limit: usize,
    used: usize,
    /// Whether more was asked for, which explains the trap that follows.
    pub(crate) exceeded: bool,
}

impl Memory {
    fn new(limit: usize) -> Self {
        Self { limit, used: 0, exceeded: false }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limit {
            self.exceeded = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

/// The most elements of a table: more than a component of 32 MiB of memory calls indirectly.
const TABLE_ELEMENTS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_of_an_instance_share_one_limit() {
        let mut memory = Memory::new(100);
        assert!(memory.memory_growing(0, 60, None).unwrap());
        assert!(!memory.memory_growing(0, 60, None).unwrap());
        assert!(memory.exceeded);
        assert!(memory.memory_growing(60, 100, None).unwrap());
    }
}
