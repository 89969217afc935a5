//! The mock server: plays a kit's tool over real HTTP, without and with every fault.
//!
//! It listens on the loopback address only, and plays one script at a time.

pub(crate) mod recorded_request;
pub(crate) mod response_fault;
pub(crate) mod script;
pub(crate) mod server;
