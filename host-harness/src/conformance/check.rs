//! What is checked, and what came of it.

use std::fmt;

use crate::Offer;

macro_rules! checks {
    ($($case:ident $name:literal $about:literal,)+) => {
        /// What a plugin is checked for. The order is that in which they are told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = $about] $case,)+
        }

        impl Check {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// Its name in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Self::$case => $name),+ }
            }

            /// What it asks of a plugin, in one sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$case => $about),+ }
            }
        }
    };
}

checks! {
    KitComplete "kit-complete" "the kit has every situation that a tool can be in, with what the tool says in it",
    DescribeComplete "describe-complete" "describe tells all that a form needs, and nothing that contradicts itself",
    DescribePure "describe-pure" "describe answers the same in every instance",
    DescribeOffline "describe-offline" "describe sends nothing",
    InputChecked "input-checked" "wrong input is refused as `invalid_input` by the name of its field, and nothing is sent",
    RunChecked "run-checked" "a run that the plugin did not write is refused as `invalid_input`, and nothing is sent",
    UnknownIgnored "unknown-ignored" "a field that the plugin does not know changes nothing",
    Situations "situations" "each situation of the kit ends as it says, with the requests that it says",
    ErrorsSpeak "errors-speak" "a 401 is told in the tool's own words, every other error by its HTTP reason",
    RunPortable "run-portable" "a run can be polled from its text alone, by another host",
    PollsRepeatable "polls-repeatable" "a poll changes nothing: it only reads, and a second one answers the same",
    RequestsBounded "requests-bounded" "a call sends few requests, however long the tool's lists are",
    AnswersSpoiled "answers-spoiled" "an answer that is late, cut off, garbled or empty is an error of the right kind, never a verdict",
    StartedOnce "started-once" "the request that starts a run is sent once, whatever comes of it",
    SecretsKept "secrets-kept" "no secret is in a run, a report, an error, a log or a URL",
    SecretsUntouched "secrets-untouched" "a secret may be a placeholder: it goes into headers as it is",
    OriginsKept "origins-kept" "nothing is sent to an origin that was not granted",
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What came of an examination.
#[derive(Clone, Debug)]
pub struct Conformance {
    /// The plugin's own name and version, where it says them.
    pub plugin: Option<(String, String)>,
    /// The size of its file in bytes.
    pub bytes: usize,
    /// What it imports, and what it gets of that here.
    pub imports: Vec<(String, Offer)>,
    /// Every check, in their order.
    pub checks: Vec<Checked>,
}

impl Conformance {
    /// Whether every check was passed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|checked| checked.failures.is_empty())
    }
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The check.
    pub check: Check,
    /// How many times it was made.
    pub times: usize,
    /// What failed it: nothing, where it was passed.
    pub failures: Vec<Failure>,
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where: the situation of the kit, or the call.
    pub place: String,
    /// What was expected and what was found.
    pub message: String,
    /// The requests that the plugin sent and the answers that it got, a line each.
    pub exchanges: Vec<String>,
}

/// Checks while they are made.
#[derive(Debug)]
pub(super) struct Ledger(Vec<Checked>);

impl Ledger {
    /// The most failures that are kept of one check.
    const MOST: usize = 20;

    pub(super) fn new() -> Self {
        Self(Check::ALL.iter().map(|&check| Checked { check, times: 0, failures: Vec::new() }).collect())
    }

    /// Notes that a check was made, and why it failed, if it did.
    pub(super) fn note(&mut self, check: Check, place: &str, exchanges: &[String], flaw: Option<String>) {
        let checked = &mut self.0[check as usize];
        checked.times += 1;
        let failure = flaw.map(|message| Failure { place: place.to_owned(), message, exchanges: exchanges.to_vec() });
        if checked.failures.len() < Self::MOST {
            checked.failures.extend(failure);
        }
    }

    pub(super) fn close(self) -> Vec<Checked> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_noted_under_its_own_name() {
        let mut ledger = Ledger::new();
        for &check in Check::ALL {
            ledger.note(check, "here", &[], Some(check.to_string()));
        }
        assert!(ledger.close().iter().all(|checked| checked.failures[0].message == checked.check.name()));
    }

    #[test]
    fn the_readme_lists_every_check() {
        let readme = include_str!("../../README.md");
        for check in Check::ALL {
            assert!(readme.contains(&format!("| `{check}` | {} |", check.about())), "{check}");
        }
    }
}
