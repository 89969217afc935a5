//! How an answer can go wrong on its way.

use std::fmt;

use crate::contract::ErrorKind;

/// What happens to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoil {
    /// It never comes.
    Late,
    /// The connection is closed in its place.
    Closed,
    /// It breaks off in its body.
    CutOff,
    /// Its body is no JSON.
    Garbled,
    /// It has no body.
    Empty,
}

impl Spoil {
    pub(super) const ALL: [Self; 5] = [Self::Late, Self::Closed, Self::CutOff, Self::Garbled, Self::Empty];

    /// The kinds of error that a call may answer with, by the contract. `starts`: the request was the one that starts a run.
    /// `failed`: the answer would have reported an error, which its status still does where a status came.
    pub(super) fn right_kinds(self, starts: bool, failed: bool) -> &'static [ErrorKind] {
        use ErrorKind::{NotFound, NotUnderstood, OutcomeUnknown, Rejected, Unauthorized, Unavailable};
        match (self, starts) {
            (Self::CutOff | Self::Garbled | Self::Empty, _) if failed => {
                &[Unauthorized, NotFound, Rejected, Unavailable, OutcomeUnknown, NotUnderstood]
            }
            (Self::Late | Self::Closed | Self::CutOff, true) => &[OutcomeUnknown],
            (Self::Late | Self::Closed | Self::CutOff, false) => &[Unavailable],
            (Self::Garbled | Self::Empty, true) => &[NotUnderstood, OutcomeUnknown],
            (Self::Garbled | Self::Empty, false) => &[NotUnderstood, Unavailable],
        }
    }
}

impl fmt::Display for Spoil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Late => "never comes",
            Self::Closed => "is a closed connection",
            Self::CutOff => "is cut off",
            Self::Garbled => "is no JSON",
            Self::Empty => "is empty",
        })
    }
}
