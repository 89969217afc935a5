//! Whether a plugin keeps the contract, found out by playing its tool.
//!
//! A plugin's author brings a [`Kit`]: situations, each a few requests that the plugin is expected to send and what its tool
//! answers. [`examine`] plays them over real HTTP, well and badly, and makes its [`Check`]s. What a check asks for is the
//! contract's and this module's; the kit only says how the tool speaks.

mod check;
mod examination;
mod exchange;
mod kit;
mod situation;
mod spoil;
mod stage;
mod verdicts;
mod wrong_input;

pub use check::{Check, Checked, Conformance, Failure};
pub use examination::{ExaminationError, examine};
pub use kit::{Kit, KitError};
