//! The mock server: plays a kit's tool over real HTTP, well and with every fault.

pub(crate) mod recorded_request;
pub(crate) mod response_fault;
pub(crate) mod script;
pub(crate) mod server;
