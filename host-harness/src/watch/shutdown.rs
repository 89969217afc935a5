//! Shutdown of runs that are no longer wanted: cancel them, or detach from them.

/// The shutdown of a run. It only ever changes to a later variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shutdown {
    /// None: it runs to its end.
    Run,
    /// It is cancelled, and no other run is started.
    Cancel,
    /// It is left as it stands, to be resumed.
    Detach,
}
