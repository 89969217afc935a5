//! Shutdown: whether runs are still wanted, and what becomes of those that go on.

/// What becomes of a run, in the order in which it may change: never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shutdown {
    /// It runs to its end.
    Run,
    /// It is cancelled, and nothing more is started.
    Cancel,
    /// It is left as it stands, to be resumed.
    Detach,
}
