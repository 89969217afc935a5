//! One situation that a tool can be in.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::exchange::Exchange;
use super::kit::Plain;
use crate::Function;
use crate::contract::{ErrorKind, Verdict};

/// A situation, as a kit writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Situation {
    /// What it is called: `started`, or a name of the plugin's own.
    pub(super) name: String,
    /// The function that is called in it.
    #[serde(deserialize_with = "function")]
    pub(super) call: Function,
    /// For `poll` and `cancel`: the situation whose run is handed in.
    pub(super) after: Option<String>,
    /// For `settle`: how long ago the trigger was, in seconds.
    #[serde(default)]
    pub(super) age: u64,
    /// Parameters that differ from those of the kit.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Plain>,
    /// What comes of it.
    #[serde(deserialize_with = "expected")]
    pub(super) result: Expected,
    /// The code of the error.
    pub(super) code: Option<String>,
    /// The tool's own words in it, which the answer repeats.
    pub(super) says: Option<String>,
    /// What is requested and answered.
    #[serde(default, rename = "exchange")]
    pub(super) exchanges: Vec<Exchange>,
}

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The run goes on.
    Running,
    /// It has ended.
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

    fn parse(text: &str) -> Option<Self> {
        match text {
            "running" => return Some(Self::Running),
            "fine" => return Some(Self::Fine),
            "problem" => return Some(Self::Problem),
            _ => {}
        }
        let verdict = Self::VERDICTS.into_iter().find(|verdict| verdict.as_str() == text).map(Self::Finished);
        verdict.or_else(|| Self::KINDS.into_iter().find(|kind| kind.as_str() == text).map(Self::Failed))
    }

    fn all() -> String {
        let verdicts = Self::VERDICTS.map(Verdict::as_str);
        let kinds = Self::KINDS.map(ErrorKind::as_str);
        [&["running"], &verdicts[..], &kinds, &["fine", "problem"]].concat().join(", ")
    }
}

fn expected<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Expected, D::Error> {
    let text = String::deserialize(deserializer)?;
    Expected::parse(&text)
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no result: one of {}", Expected::all())))
}

fn function<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Function, D::Error> {
    let text = String::deserialize(deserializer)?;
    let called = Function::ALL.into_iter().filter(|function| *function != Function::Describe);
    called.clone().find(|function| function.to_string() == text).ok_or_else(|| {
        let all: Vec<String> = called.map(|function| function.to_string()).collect();
        serde::de::Error::custom(format!("`{text}` is no call: one of {}", all.join(", ")))
    })
}
