//! The component's edge: each export of the contract is one call into the core.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::contract::{Descriptor, NamedValue, Progress, TaskError};
use plugin_guest::wasi_http::WasiHttp;

use crate::bindings::exports::orchestrator::plugin::{preflight, settlement, task};

struct Plugin;

impl task::Guest for Plugin {
    fn describe() -> Descriptor {
        crate::descriptor::descriptor()
    }

    fn trigger(connection: Vec<NamedValue>, parameters: Vec<NamedValue>) -> Result<Progress, TaskError> {
        crate::trigger::trigger(&mut WasiHttp, &connection, &parameters)
    }

    fn poll(connection: Vec<NamedValue>, parameters: Vec<NamedValue>, run: String) -> Result<Progress, TaskError> {
        crate::poll::poll(&mut WasiHttp, &connection, &parameters, &run)
    }
}

impl preflight::Guest for Plugin {
    fn check(connection: Vec<NamedValue>, parameters: Vec<NamedValue>) -> Result<Vec<preflight::Finding>, TaskError> {
        crate::check::check(&mut WasiHttp, &connection, &parameters)
    }
}

impl settlement::Guest for Plugin {
    fn settle(connection: Vec<NamedValue>, parameters: Vec<NamedValue>, age_ms: u64) -> Result<Progress, TaskError> {
        crate::settle::settle(&mut WasiHttp, &connection, &parameters, age_ms)
    }
}

crate::bindings::export!(Plugin with_types_in crate::bindings);
