//! Plugins that break the contract, one thing each, and one that keeps it: what the conformance suite is tried on.
//!
//! They drive a tool that does not exist: `POST /jobs` starts a job, `GET /jobs/7` shows one. An example is one line,
//! [`plugin!`] with its [`flaw::Flaw`]; where a flaw acts, [`acme`] says so.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod acme;
pub mod bindings;
pub mod flaw;
pub mod settling_bindings;

/// Exports the plugin with this flaw; `settling`, with `settlement` too.
#[macro_export]
macro_rules! plugin {
    ($flaw:ident) => {
        $crate::plugin!(bindings $flaw {});
    };
    (settling $flaw:ident) => {
        $crate::plugin!(settling_bindings $flaw {
            use nonconforming_plugins::settling_bindings::exports::orchestrator::plugin::settlement;

            impl settlement::Guest for Plugin {
                fn settle(connection: Connection, parameters: Parameters, _: alloc::vec::Vec<u64>) -> Result<Progress, TaskError> {
                    ACME.settle(&connection, &parameters)
                }
            }
        });
    };
    ($bindings:ident $flaw:ident { $($more:item)* }) => {
        #[cfg(target_arch = "wasm32")]
        mod component {
            use nonconforming_plugins::$bindings::exports::orchestrator::plugin::task;
            use nonconforming_plugins::acme::Acme;
            use nonconforming_plugins::flaw::Flaw;
            use plugin_guest::contract::{Connection, Descriptor, Parameters, Progress, Run, TaskError};
            use plugin_guest::wasi_http::WasiHttp;

            struct Plugin;

            const ACME: Acme = Acme(Flaw::$flaw);

            impl task::Guest for Plugin {
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

            $($more)*

            nonconforming_plugins::$bindings::export!(Plugin with_types_in nonconforming_plugins::$bindings);
        }
    };
}
