//! What is wanted of the tasks of a pipeline.

/// What is wanted, in the order in which it may change: never back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shutdown {
    /// That they run to their ends.
    GoOn,
    /// That what runs is cancelled, and nothing more starts.
    Cancel,
    /// That all is left as it stands, to be resumed.
    Leave,
}
