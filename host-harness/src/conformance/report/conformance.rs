//! What came of an examination.

use crate::Offer;
use crate::conformance::report::checked::Checked;

/// What came of an examination.
#[derive(Clone, Debug)]
pub struct Conformance {
    /// The plugin's own name and version, where it says them.
    pub plugin: Option<(String, String)>,
    /// The size of its file in bytes.
    pub bytes: usize,
    /// What it imports, and what it gets of that here.
    pub imports: Vec<(String, Offer)>,
    /// The situations that its tool cannot be in, each with the reason that the kit gives.
    pub cannot: Vec<(String, String)>,
    /// Every check, in their order.
    pub checks: Vec<Checked>,
}

impl Conformance {
    /// Whether every check was made and passed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(Checked::passed)
    }
}
