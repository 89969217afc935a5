//! The way out: everything between a plugin's request and the network.
//!
//! [`Hooks`] is the one seam at which a plugin's requests arrive. It asks the policy, keeps the books in [`Traffic`] and
//! hands what may pass to [`Client`], which knows nothing of plugins.

mod body;
mod client;
#[cfg(test)]
mod client_tests;
mod connection;
mod connector;
pub(crate) mod echo;
mod failure;
pub(crate) mod gathered;
mod handshake;
mod hooks;
mod outgoing;
#[cfg(test)]
mod policy_tests;
mod quota;
mod resolver;
#[cfg(test)]
mod resolver_tests;
mod response_head;
mod swap;
mod times;
mod tls;
mod traffic;
mod watched;

pub(crate) use client::Client;
pub(crate) use hooks::Hooks;
pub(crate) use quota::Quota;
pub(crate) use tls::{system_roots, with_pem};
pub(crate) use traffic::Traffic;

pub use tls::TlsError;
pub use traffic::Request;
