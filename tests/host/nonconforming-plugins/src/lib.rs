//! Plugins that break the contract, one thing each, and some that keep it: what the conformance suite is tried on.
//!
//! They drive a tool that does not exist: `POST /jobs` starts a job, `GET /jobs/7` shows one. An example is one line,
//! [`plugin!`] with its [`flaw::Flaw`]; where a flaw acts, [`acme`] says so.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod acme;
pub mod flaw;

/// Exports the plugin with this flaw; `settling`, with `settlement` too; `cancelling`, with `cancellation`; `batching`, with
/// `batch`.
#[macro_export]
macro_rules! plugin {
    (batching cancelling $flaw:ident) => {
        $crate::plugin!(batching $flaw);
        $crate::plugin!(only_cancelling $flaw);
    };
    (cancelling $flaw:ident) => {
        $crate::plugin!($flaw);
        $crate::plugin!(only_cancelling $flaw);
    };
    (only_cancelling $flaw:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod cancelling_component {
            use nonconforming_plugins::acme::Acme;
            use nonconforming_plugins::flaw::Flaw;
            use plugin_guest::contract::{Cancellation, Connection, Parameters, Progress, Run, TaskError};
            use plugin_guest::wasi_http::WasiHttp;

            struct Plugin;

            impl Cancellation for Plugin {
                fn cancel(connection: Connection, parameters: Parameters, run: Run) -> Result<Progress, TaskError> {
                    Acme(Flaw::$flaw).cancel(&mut WasiHttp, &connection, &parameters, &run)
                }
            }

            plugin_guest::export_cancellation!(Plugin);
        }
    };
    (settling $flaw:ident) => {
        $crate::plugin!($flaw);

        #[cfg(target_arch = "wasm32")]
        mod settling_component {
            use alloc::vec::Vec;

            use nonconforming_plugins::acme::Acme;
            use nonconforming_plugins::flaw::Flaw;
            use plugin_guest::contract::{Connection, Parameters, Progress, Settlement, TaskError};

            struct Plugin;

            impl Settlement for Plugin {
                fn settle(connection: Connection, parameters: Parameters, _: Vec<u64>) -> Result<Progress, TaskError> {
                    Acme(Flaw::$flaw).settle(&connection, &parameters)
                }
            }

            plugin_guest::export_settlement!(Plugin);
        }
    };
    (batching $flaw:ident) => {
        $crate::plugin!($flaw);

        #[cfg(target_arch = "wasm32")]
        mod batching_component {
            use alloc::vec::Vec;

            use nonconforming_plugins::acme::Acme;
            use nonconforming_plugins::flaw::Flaw;
            use plugin_guest::contract::{Batch, Connection, Progress, TaskError, WaitingRun};
            use plugin_guest::wasi_http::WasiHttp;

            struct Plugin;

            impl Batch for Plugin {
                fn poll_many(connection: Connection, runs: Vec<WaitingRun>) -> Vec<Result<Progress, TaskError>> {
                    Acme(Flaw::$flaw).poll_many(&mut WasiHttp, &connection, &runs)
                }
            }

            plugin_guest::export_batch!(Plugin);
        }
    };
    ($flaw:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod component {
            use nonconforming_plugins::acme::Acme;
            use nonconforming_plugins::flaw::Flaw;
            use plugin_guest::contract::{Connection, Descriptor, Parameters, Progress, Run, Task, TaskError};
            use plugin_guest::wasi_http::WasiHttp;

            struct Plugin;

            const ACME: Acme = Acme(Flaw::$flaw);

            impl Task for Plugin {
                fn describe() -> Descriptor {
                    ACME.describe(&mut WasiHttp)
                }

                fn trigger(connection: Connection, parameters: Parameters) -> Result<Progress, TaskError> {
                    ACME.trigger(&mut WasiHttp, &connection, &parameters)
                }

                fn poll(connection: Connection, parameters: Parameters, run: Run) -> Result<Progress, TaskError> {
                    ACME.poll(&mut WasiHttp, &connection, &parameters, &run)
                }
            }

            plugin_guest::export_task!(Plugin);
        }
    };
}
