//! The library of plugins for the contract `orchestrator:plugin`: an HTTP client over wasi:http, parsing of inputs and answers,
//! errors, reports and the exports of the component. It knows no tool.
//!
//! Everything but `wasi_http` and `component` also runs natively: a plugin's core is pure except for one seam, [`http::Http`],
//! and its tests script that with [`scripted`].
//!
//! A plugin begins with an [`ApiProfile`](api_profile::ApiProfile), sends its requests through a [`Client`](client::Client),
//! implements the traits of [`contract`] and exports them with [`export_task!`] and its like. `docs/writing-a-plugin.md`
//! leads through one.
//!
//! # Features
//!
//! - `std` (default): the component has Rust's standard library, and so may all that it depends on.
//! - `no-std`: the component does without, is smaller and imports only what it uses. The plugin says `#![no_std]`, depends on this
//!   library with `default-features = false, features = ["no-std"]`, and on nothing that needs `std`: where something does, the
//!   linker's answer is E0152, a second panic handler. Where both are on, `std` wins.

#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", not(target_arch = "wasm32")))]
extern crate std;

#[cfg(all(target_arch = "wasm32", not(any(feature = "std", feature = "no-std"))))]
compile_error!(
    "plugin-guest needs one of its features: `std` (the default) for a plugin with the standard library, or `no-std` for one without"
);

pub mod ages;
pub mod already_running;
pub mod api_profile;
pub mod base_url;
#[doc(hidden)]
pub mod bindings;
pub mod cancel_attached;
pub mod client;
#[cfg(all(target_arch = "wasm32", feature = "no-std", not(feature = "std")))]
mod component;
pub mod contract;
pub mod credential;
pub mod error_body;
pub mod fields;
pub mod http;
pub mod inputs;
pub mod json;
pub mod report;
pub mod run_format;
#[cfg(not(target_arch = "wasm32"))]
pub mod scripted;
pub mod secret;
pub mod sent;
pub mod status;
pub mod task_error;
pub mod timestamp;
#[cfg(target_arch = "wasm32")]
pub mod wasi_http;

pub use anyhow;
pub use bindings::batch::export_batch;
pub use bindings::cancellation::export_cancellation;
pub use bindings::preflight::export_preflight;
pub use bindings::settlement::export_settlement;
pub use bindings::task::export_task;
