//! The component's edge: the contract's exports, each one call into the core.

use plugin_guest::contract::{Connection, Descriptor, Parameters, Progress, Run, Task, TaskError};
use plugin_guest::wasi_http::WasiHttp;

struct Plugin;

impl Task for Plugin {
    fn describe() -> Descriptor {
        crate::describe::describe()
    }

    fn trigger(connection: Connection, parameters: Parameters) -> Result<Progress, TaskError> {
        crate::trigger::trigger(&mut WasiHttp, &connection, &parameters)
    }

    fn poll(
        connection: Connection,
        parameters: Parameters,
        run: Run,
    ) -> Result<Progress, TaskError> {
        crate::poll::poll(&mut WasiHttp, &connection, &parameters, &run)
    }
}

plugin_guest::export_task!(Plugin);
