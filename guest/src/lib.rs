//! What a plugin needs from outside of its tool: one HTTP request over wasi:http, the values that the host hands in, and the
//! errors and reports that it hands back.
//!
//! Everything but `wasi_http` and the edge of the component runs natively: a plugin's core is pure but for one seam,
//! [`http::Http`], and its tests script that with [`scripted`].
//!
//! A plugin begins with a [`tool::Tool`] and sends its requests through a [`client::Client`]. `docs/writing-a-plugin.md`
//! leads through one.

#![no_std]

extern crate alloc;
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

pub mod ages;
pub mod already_running;
pub mod base_url;
mod bindings;
pub mod cancel_attached;
pub mod client;
#[cfg(target_arch = "wasm32")]
mod component;
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
pub mod tool;
#[cfg(target_arch = "wasm32")]
pub mod wasi_http;

pub use anyhow;
pub use bindings::orchestrator::plugin::types as contract;
pub use wit_bindgen;
