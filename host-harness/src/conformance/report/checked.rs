//! What came of one check.

use crate::conformance::checks::check::Check;

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The check.
    pub check: Check,
    /// How many times it was made.
    pub times: usize,
    /// Why it could not be made, where it could not.
    pub excuse: Option<&'static str>,
    /// How many times it failed.
    pub failed: usize,
    /// What failed it: the first of that.
    pub failures: Vec<Failure>,
}

impl Checked {
    /// Whether the plugin stood it: a check that was never made shows nothing.
    pub fn passed(&self) -> bool {
        self.failed == 0 && (self.times > 0 || self.excuse.is_some())
    }
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where: the situation of the kit, or the call.
    pub place: String,
    /// What was expected and what was found.
    pub message: String,
    /// The requests that the plugin sent and the answers that it got, a line each.
    pub exchanges: Vec<String>,
}
