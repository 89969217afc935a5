//! A pack of plugins that nobody should trust: one tiny guest per misbehaviour in `examples/`, its name its specification.
//!
//! A guest is one sentence and one [`plugin!`], most often of its `trigger` alone: whatever it does not replace is honest.
//! All of them are components for `wasm32-wasip2`; natively they are empty. `tests/hostile` runs each against the host.

#[cfg(target_arch = "wasm32")]
pub mod answer;
#[cfg(target_arch = "wasm32")]
#[allow(missing_docs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]
pub mod bindings;
#[cfg(target_arch = "wasm32")]
pub mod call;
#[cfg(target_arch = "wasm32")]
pub mod credentials;
#[cfg(target_arch = "wasm32")]
pub mod descriptor;
#[cfg(target_arch = "wasm32")]
pub mod plugin;
#[cfg(target_arch = "wasm32")]
pub mod request;

/// What the body of a guest can name.
#[cfg(target_arch = "wasm32")]
pub mod prelude {
    pub use std::hint::black_box;
    pub use std::mem::forget;

    pub use wasi;
    pub use wasi::http::outgoing_handler::handle;
    pub use wasi::http::types::{Fields, Method, OutgoingBody};

    pub use crate::answer::{failed, report, running, succeeded, succeeded_with};
    pub use crate::bindings::batch::exports::orchestrator::plugin::batch::{Guest as Batch, WaitingRun};
    pub use crate::bindings::orchestrator::plugin::types::*;
    pub use crate::call::Call;
    pub use crate::credentials::basic;
    pub use crate::descriptor::honest;
    pub use crate::plugin::{Answer, Plugin};
    pub use crate::request::{Failure, Request, Response, outcomes};
}

/// Makes a component of a guest's functions: `plugin!(trigger)` or, by name, `plugin!(describe = …, poll = …)`. Each is a
/// closure that takes what the method of that name in `plugin::Plugin` takes, and sees the `prelude`; both exist on wasm only.
/// `plugin!(poll_many = …)` exports `batch`, too: the closure takes the call of the first run, and all runs.
#[macro_export]
macro_rules! plugin {
    ($function:ident = $($rest:tt)+) => {
        $crate::component! { $function = $($rest)+ }
    };
    ($trigger:expr) => {
        $crate::component! { trigger = $trigger }
    };
}

/// The component behind [`plugin!`]. Natively there is none.
#[cfg(not(target_arch = "wasm32"))]
#[doc(hidden)]
#[macro_export]
macro_rules! component {
    ($($guest:tt)*) => {};
}

/// The component behind [`plugin!`].
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
#[macro_export]
macro_rules! component {
    (poll_many = $body:expr) => {
        $crate::component! {}

        mod guest_of_many {
            #[allow(unused_imports, reason = "no guest needs all of it")]
            use $crate::prelude::*;

            struct Guest;

            impl Batch for Guest {
                fn poll_many(connection: Connection, runs: Vec<WaitingRun>) -> Vec<Answer> {
                    let poll_many: fn(&Call, &[&str]) -> Vec<Answer> = $body;
                    let parameters = runs.first().map(|run| run.parameters.clone()).unwrap_or_default();
                    let runs: Vec<_> = runs.iter().map(|waiting| &*waiting.run).collect();
                    poll_many(&Call { connection, parameters }, &runs)
                }
            }

            $crate::bindings::batch::export_batch!(Guest with_types_in $crate::bindings::batch);
        }
    };
    ($($function:ident = $body:expr),*) => {
        mod guest {
            #[allow(unused_imports, reason = "no guest needs all of it")]
            use $crate::prelude::*;

            struct Guest;

            impl Plugin for Guest {
                $($crate::function!($function, $body);)*
            }

            $crate::bindings::export!(Guest with_types_in $crate::bindings);
        }
    };
}

/// One method of [`plugin::Plugin`], made of a closure.
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
#[macro_export]
macro_rules! function {
    (describe, $body:expr) => {
        fn describe() -> Descriptor {
            let describe: fn() -> Descriptor = $body;
            describe()
        }
    };
    (trigger, $body:expr) => {
        fn trigger(call: &Call) -> Answer {
            let trigger: fn(&Call) -> Answer = $body;
            trigger(call)
        }
    };
    (poll, $body:expr) => {
        fn poll(call: &Call, run: &str) -> Answer {
            let poll: fn(&Call, &str) -> Answer = $body;
            poll(call, run)
        }
    };
}
