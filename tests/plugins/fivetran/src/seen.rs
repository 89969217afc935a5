//! The signs of a sync that polls have seen.

use crate::connection::Traces;

/// The signs of a run's sync in its connection so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// None yet.
    Nothing,
    /// It ran.
    Running,
    /// It ran and stopped, without a trace.
    Stopped,
    /// After that, another ran, which hides further traces of it.
    Another,
}

impl Seen {
    /// All, with their names in stored runs.
    pub const NAMES: [(&str, Self); 4] = [
        ("nothing", Self::Nothing),
        ("running", Self::Running),
        ("stopped", Self::Stopped),
        ("another", Self::Another),
    ];

    /// The signs after another poll, which shows whether a sync runs, and the traces that moved.
    #[must_use]
    pub fn then(self, syncing: bool, moved: &Traces) -> Self {
        match (self, syncing) {
            (Self::Nothing, true) => Self::Running,
            (Self::Running, false) if *moved == Traces::default() => Self::Stopped,
            (Self::Stopped, true) => Self::Another,
            (seen, _) => seen,
        }
    }
}
