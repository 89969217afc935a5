//! Expected results of calls.

use std::fmt;

use serde::Deserialize;

use crate::contract::{ErrorKind, Verdict};

/// The expected result of a call, as a kit writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Expected {
    /// The run goes on.
    Running,
    /// The run has ended.
    Finished(Verdict),
    /// The call failed.
    Failed(ErrorKind),
    /// `check` found that a run could start.
    Fine,
    /// `check` found a problem.
    Problem,
}

impl Expected {
    const VERDICTS: [Verdict; 5] =
        [Verdict::Succeeded, Verdict::Failed, Verdict::Cancelled, Verdict::Unknown, Verdict::Skipped];
    const KINDS: [ErrorKind; 9] = [
        ErrorKind::InvalidInput,
        ErrorKind::Unauthorized,
        ErrorKind::NotFound,
        ErrorKind::Rejected,
        ErrorKind::Unavailable,
        ErrorKind::OutcomeUnknown,
        ErrorKind::NotUnderstood,
        ErrorKind::Denied,
        ErrorKind::Internal,
    ];

    fn all() -> impl Iterator<Item = Self> {
        let ended = Self::VERDICTS.into_iter().map(Self::Finished);
        let failed = Self::KINDS.into_iter().map(Self::Failed);
        [Self::Running].into_iter().chain(ended).chain(failed).chain([Self::Fine, Self::Problem])
    }

    /// The name in a kit.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished(verdict) => verdict.as_str(),
            Self::Failed(kind) => kind.as_str(),
            Self::Fine => "fine",
            Self::Problem => "problem",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(kind) => write!(f, "the error {}", kind.as_str()),
            Self::Fine => f.write_str("findings without a problem"),
            Self::Problem => f.write_str("findings with a problem"),
            _ => f.write_str(self.name()),
        }
    }
}

impl TryFrom<String> for Expected {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::all().find(|expected| expected.name() == text).ok_or_else(|| {
            let all: Vec<_> = Self::all().map(Self::name).collect();
            format!("`{text}` is not a result: write one of {}", all.join(", "))
        })
    }
}
