//! The result of one check.

use crate::conformance::checks::check::Check;

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The check.
    pub check: Check,
    /// The number of times that it was made.
    pub times: usize,
    /// The reason why it could not be made, if so.
    pub excuse: Option<&'static str>,
    /// The number of times that it failed.
    pub failed: usize,
    /// The first of its failures.
    pub failures: Vec<Failure>,
}

impl Checked {
    /// True if the plugin passed. A check that was never made shows nothing.
    pub fn passed(&self) -> bool {
        self.failed == 0 && (self.times > 0 || self.excuse.is_some())
    }
}

/// A failure of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The situation of the kit, or the call.
    pub place: String,
    /// The expectation, and what was found.
    pub message: String,
    /// The plugin's requests and their answers, a line each.
    pub exchanges: Vec<String>,
}
