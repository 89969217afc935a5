//! The contract in Rust: its types, and a trait for each interface.
//!
//! A plugin implements the traits of what it can do and exports each with its macro: [`Task`] with
//! [`export_task!`](crate::export_task), and so on.

pub use crate::bindings::batch::exports::orchestrator::plugin::batch::{Guest as Batch, WaitingRun};
pub use crate::bindings::cancellation::exports::orchestrator::plugin::cancellation::Guest as Cancellation;
pub use crate::bindings::preflight::exports::orchestrator::plugin::preflight::{
    Finding, FindingStatus, Guest as Preflight,
};
pub use crate::bindings::settlement::exports::orchestrator::plugin::settlement::Guest as Settlement;
pub use crate::bindings::task::exports::orchestrator::plugin::task::Guest as Task;
pub use crate::bindings::types::orchestrator::plugin::types::*;
