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
    /// The first of its failures, equal ones once.
    pub failures: Vec<Failure>,
}

impl Checked {
    /// True if the plugin passed. A check that was never made shows nothing.
    pub fn passed(&self) -> bool {
        self.failed == 0 && (self.times > 0 || self.excuse.is_some())
    }

    /// The number of failures that are not among [`Checked::failures`].
    pub fn untold(&self) -> usize {
        self.failed - self.failures.iter().map(|failure| failure.times).sum::<usize>()
    }
}

/// A failure of a check, and how often it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The situation of the kit, or the call.
    pub place: String,
    /// The way in which that was played, such as `with unknown fields`. None: as it is written.
    pub play: Option<String>,
    /// The field that it is about, or `run`.
    pub field: Option<String>,
    /// The expectation, and what was found.
    pub message: String,
    /// The number of times that it failed with this message, for this field.
    pub times: usize,
    /// The other situations or calls in which it did.
    pub also: Vec<String>,
    /// The plugin's requests and their answers, a line each.
    pub exchanges: Vec<String>,
    /// The last lines that the plugin wrote to stderr, where it crashed.
    pub stderr: Vec<String>,
}
