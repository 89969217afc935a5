//! Whether a plugin keeps the contract, found out by playing its tool.
//!
//! A plugin's author brings a [`Kit`]: situations, each a few requests that the plugin is expected to send and what its tool
//! answers. [`examine`] plays them over real HTTP, well and badly, and makes its [`Check`]s. What a check asks for is the
//! contract's and this module's; the kit only says how the tool speaks.
//!
//! A `player` makes the calls while the `stage` plays the tool; what is right is decided without I/O, in `verdicts`,
//! `spoil`, `conduct`, `form` and their like.

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
