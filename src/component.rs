//! The component's exports: each is one call into the core.

use alloc::vec::Vec;

use plugin_guest::contract::{
    Batch, Cancellation, Connection, Descriptor, Finding, Parameters, Preflight, Progress, Run, Settlement, Task,
    TaskError, WaitingRun,
};
use plugin_guest::wasi_http::WasiHttp;

struct Plugin;

impl Task for Plugin {
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

impl Batch for Plugin {
    fn poll_many(connection: Connection, runs: Vec<WaitingRun>) -> Vec<Result<Progress, TaskError>> {
        crate::poll_many::poll_many(&mut WasiHttp, &connection, &runs)
    }
}

impl Cancellation for Plugin {
    fn cancel(connection: Connection, parameters: Parameters, run: Run) -> Result<Progress, TaskError> {
        crate::cancel::cancel(&mut WasiHttp, &connection, &parameters, &run)
    }
}

impl Preflight for Plugin {
    fn check(connection: Connection, parameters: Parameters) -> Result<Vec<Finding>, TaskError> {
        crate::check::check(&mut WasiHttp, &connection, &parameters)
    }
}

impl Settlement for Plugin {
    fn settle(connection: Connection, parameters: Parameters, ages_ms: Vec<u64>) -> Result<Progress, TaskError> {
        crate::settle::settle(&mut WasiHttp, &connection, &parameters, &ages_ms)
    }
}

plugin_guest::export_task!(Plugin);
plugin_guest::export_batch!(Plugin);
plugin_guest::export_cancellation!(Plugin);
plugin_guest::export_preflight!(Plugin);
plugin_guest::export_settlement!(Plugin);
