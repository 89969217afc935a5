//! The functions that a situation can call.

use std::fmt;

use serde::Deserialize;

use crate::Function;

/// A function that a situation calls: all but `describe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Called {
    /// `trigger`
    Trigger,
    /// `poll`
    Poll,
    /// `cancel`
    Cancel,
    /// `check`
    Check,
    /// `settle`
    Settle,
}

impl Called {
    pub(crate) const ALL: [Self; 5] = [Self::Trigger, Self::Poll, Self::Cancel, Self::Check, Self::Settle];

    /// The function of the contract.
    pub(crate) fn function(self) -> Function {
        match self {
            Self::Trigger => Function::Trigger,
            Self::Poll => Function::Poll,
            Self::Cancel => Function::Cancel,
            Self::Check => Function::Check,
            Self::Settle => Function::Settle,
        }
    }

    /// True if it takes a run.
    pub(crate) fn takes_a_run(self) -> bool {
        matches!(self, Self::Poll | Self::Cancel)
    }

    /// True if it must not change anything in the tool.
    pub(crate) fn only_reads(self) -> bool {
        matches!(self, Self::Poll | Self::Check)
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.function().fmt(f)
    }
}

impl TryFrom<String> for Called {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::ALL.into_iter().find(|called| called.to_string() == text).ok_or_else(|| {
            let all = Self::ALL.map(|called| called.to_string());
            format!("`{text}` is not a call: write one of {}", all.join(", "))
        })
    }
}
