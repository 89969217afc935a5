//! Conformance testing: tests that a plugin conforms to the contract, by playing its tool.
//!
//! A plugin's author brings a [`Kit`]: situations, each with the few requests that the plugin should send and the
//! tool's answers. [`examine`] plays them over real HTTP, with and without faults, and makes its [`Check`]s. The
//! contract and this module define the checks; the kit only describes the tool's answers.
//!
//! The `player` makes the calls while the `mock_server` plays the tool; the `checks` judge the results without I/O.

mod checks;
mod kit;
mod mock_server;
mod player;
mod remote_poll;
mod report;
mod runner;
#[cfg(test)]
mod sample;

pub use checks::check::Check;
pub use checks::summary::Summary;
pub use kit::file::{Kit, KitError};
pub use remote_poll::{Errand, RemotePoll};
pub use report::checked::{Checked, Failure};
pub use report::conformance::Conformance;
pub use runner::{CALL, ExaminationError, examine};
