//! The engine: compiles plugins, and makes each call in a sandbox of its own, within the limits.
//!
//! Every call gets a fresh instance and ends, whatever the plugin or its peers do.

pub(crate) mod account_key;
pub(crate) mod call;
pub(crate) mod call_context;
pub(crate) mod cpu_time;
pub(crate) mod host;
pub(crate) mod memory;
pub(crate) mod plugin;
pub(crate) mod sandbox;
pub(crate) mod stderr;
pub(crate) mod trap;
pub(crate) mod visit_text;
