//! The result of one check.

use crate::conformance::checks::check::Check;

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The check.
    pub check: Check,
    /// How many times it was made.
    pub times: usize,
    /// Why it could not be made, if so.
    pub excuse: Option<&'static str>,
    /// How many times it failed.
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
    /// What was expected, and what was found.
    pub message: String,
    /// The plugin's requests and their answers, a line each.
    pub exchanges: Vec<String>,
}
