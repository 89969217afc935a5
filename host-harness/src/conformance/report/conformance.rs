//! The result of an examination.

use crate::Offer;
use crate::conformance::report::checked::Checked;

/// The result of an examination.
#[derive(Clone, Debug)]
pub struct Conformance {
    /// The plugin's own name and version, if it told them.
    pub plugin: Option<(String, String)>,
    /// The size of its file in bytes.
    pub bytes: usize,
    /// Its imports, and what this host offers for each.
    pub imports: Vec<(String, Offer)>,
    /// The situations that its tool cannot be in, each with the kit's reason.
    pub cannot: Vec<(String, String)>,
    /// All checks, in order.
    pub checks: Vec<Checked>,
}

impl Conformance {
    /// True if every check was made and passed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(Checked::passed)
    }
}
