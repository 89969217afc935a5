//! The component's edge: the contract's exports, each one call into the core.

use alloc::vec::Vec;

use plugin_guest::contract::{Connection, Descriptor, Parameters, Progress, Run, TaskError};
use plugin_guest::wasi_http::WasiHttp;

use crate::bindings::exports::orchestrator::plugin::{cancellation, preflight, settlement, task};

struct Plugin;

impl task::Guest for Plugin {
    fn describe() -> Descriptor {
        crate::descriptor::descriptor()
    }

    fn trigger(connection: Connection, parameters: Parameters) -> Result<Progress, TaskError> {
        crate::trigger::trigger(&mut WasiHttp, &connection, &parameters)
    }

    fn poll(connection: Connection, parameters: Parameters, run: Run) -> Result<Progress, TaskError> {
        crate::poll::poll(&mut WasiHttp, &connection, &parameters, &run)
    }
}

impl cancellation::Guest for Plugin {
    fn cancel(connection: Connection, parameters: Parameters, run: Run) -> Result<Progress, TaskError> {
        crate::cancel::cancel(&mut WasiHttp, &connection, &parameters, &run)
    }
}

impl preflight::Guest for Plugin {
    fn check(connection: Connection, parameters: Parameters) -> Result<Vec<preflight::Finding>, TaskError> {
        crate::check::check(&mut WasiHttp, &connection, &parameters)
    }
}

impl settlement::Guest for Plugin {
    fn settle(connection: Connection, parameters: Parameters, ages_ms: Vec<u64>) -> Result<Progress, TaskError> {
        crate::settle::settle(&mut WasiHttp, &connection, &parameters, &ages_ms)
    }
}

crate::bindings::export!(Plugin with_types_in crate::bindings);
