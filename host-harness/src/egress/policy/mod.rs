//! Egress policy: which origins, addresses, methods and paths a request may go to, and why it was denied.
//!
//! Pure: nothing here does I/O. What no grant covers is denied.

pub(crate) mod address_class;
pub(crate) mod denial;
pub(crate) mod grant;
pub(crate) mod request_path;
