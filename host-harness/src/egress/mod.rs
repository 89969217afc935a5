//! Egress: everything between a plugin's request and the network.
//!
//! [`Hooks`] is the only place where a plugin's requests arrive. It applies the policy, keeps the [`RequestLog`] and
//! passes admitted requests to [`Client`], which knows nothing of plugins.

mod client;
#[cfg(test)]
mod client_tests;
mod connector;
mod error_code;
mod handshake;
mod hooks;
pub(crate) mod policy;
#[cfg(test)]
mod policy_tests;
mod quota;
mod request_body;
mod request_log;
mod request_span;
mod resolver;
#[cfg(test)]
mod resolver_tests;
mod response_body;
mod response_head;
pub(crate) mod response_pieces;
pub(crate) mod response_redaction;
mod secret_injection;
mod secret_scan;
mod timeouts;
mod tls;
mod write_timeout;

pub(crate) use client::Client;
pub(crate) use hooks::Hooks;
pub(crate) use quota::{Quota, Share};
pub(crate) use request_log::RequestLog;
pub(crate) use tls::{system_roots, with_pem};

pub use request_log::Request;
pub use tls::TlsError;
