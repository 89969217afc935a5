//! What polls have seen of a sync.

use crate::connection::Traces;

/// What the looks at a connection have shown of a run's sync so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing yet.
    Nothing,
    /// It ran.
    Running,
    /// It ran, and then none did, and it had left no trace.
    Stopped,
    /// After that one ran again: another, which hides whatever is still to be seen of it.
    Another,
}

impl Seen {
    /// Each by the name that a run stores it under.
    pub const NAMES: [(&str, Self); 4] = [
        ("nothing", Self::Nothing),
        ("running", Self::Running),
        ("stopped", Self::Stopped),
        ("another", Self::Another),
    ];

    /// What has been seen after a look that shows whether a sync runs, and the traces that moved.
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
