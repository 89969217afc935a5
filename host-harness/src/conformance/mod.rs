//! Whether a plugin keeps the contract, found out by playing its tool.
//!
//! A plugin's author brings a [`Kit`]: situations, each a few requests that the plugin is expected to send and what its tool
//! answers. [`examine`] plays them over real HTTP, well and badly, and makes its [`Check`]s. What a check asks for is the
//! contract's and this module's; the kit only says how the tool speaks.
//!
//! A `player` makes the calls while the `stage` plays the tool; what is right is decided without I/O, in `verdicts`,
//! `spoil`, `conduct`, `form` and their like.

mod ages;
mod called;
mod check;
mod checked;
mod completeness;
mod conduct;
mod described;
mod elsewhere;
mod examination;
mod examined;
mod exchange;
mod expected;
mod foreign_run;
mod form;
mod kit;
mod ledger;
mod pattern;
mod player;
mod required;
#[cfg(test)]
mod sample;
mod scene;
mod seen;
mod situation;
mod spoil;
mod stage;
mod summary;
mod values;
mod verdicts;
mod wrong_input;

pub use check::Check;
pub use checked::{Checked, Failure};
pub use elsewhere::{Elsewhere, Errand};
pub use examination::{CALL, ExaminationError, examine};
pub use examined::Conformance;
pub use kit::{Kit, KitError};
pub use summary::Summary;
