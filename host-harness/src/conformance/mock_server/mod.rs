//! The mock server: plays a kit's tool over real HTTP, well and in every bad way.

pub(crate) mod recorded_request;
pub(crate) mod response_fault;
pub(crate) mod script;
pub(crate) mod server;
