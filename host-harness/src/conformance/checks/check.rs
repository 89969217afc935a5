//! The conformance checks, by name.

use std::fmt;

macro_rules! checks {
    ($($case:ident $name:literal $about:literal,)+) => {
        /// A conformance check. Their order is that of the report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = $about] $case,)+
        }

        impl Check {
            /// All checks.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The name, in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Self::$case => $name),+ }
            }

            /// The requirement on the plugin, in one sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$case => $about),+ }
            }
        }
    };
}

checks! {
    KitComplete "kit-complete" "the kit has every situation that a tool can be in, calls every function that the plugin exports, and gives the values that describe asks for",
    DescribeComplete "describe-complete" "describe tells all that a form needs, and nothing that contradicts itself",
    DescribePure "describe-pure" "describe answers the same in every instance",
    DescribeOffline "describe-offline" "describe sends nothing",
    InputChecked "input-checked" "wrong input is refused as `invalid_input` by the name of its field, and nothing is sent; a default that is given changes nothing",
    OmissionAccepted "omission-accepted" "a field that describe does not require may be left out",
    RunChecked "run-checked" "a run that the plugin did not write is refused as `invalid_input`, and nothing is sent",
    UnknownIgnored "unknown-ignored" "a field that the plugin does not know changes nothing",
    Situations "situations" "each situation of the kit ends as it says, with the requests that it says",
    AnswersFormed "answers-formed" "whatever is answered has the form that the contract promises: codes, messages, times, links, whether a run may have been started",
    ErrorsSpeak "errors-speak" "a 401 is told in the tool's own words, every other error by its HTTP reason",
    AdviceDescribed "advice-described" "a message advises no field that describe does not have",
    RunPortable "run-portable" "a run can be polled from its text alone: every one handed back, and in another process",
    PollsRepeatable "polls-repeatable" "a poll or a check changes nothing: it only reads, and a second one answers the same",
    BatchAgrees "batch-agrees" "polled together, a run is told what it is told alone, whatever is wrong with the others, and nothing is changed",
    RequestsBounded "requests-bounded" "a call sends few requests, however long the tool's lists are",
    AnswersSpoiled "answers-spoiled" "an answer that is late, cut off, garbled, empty or of another shape is an error of the right kind, which says whether a run may have been started, and never a verdict",
    StartedOnce "started-once" "the request that starts a run is sent once, whatever comes of it, and nothing else that may change something",
    EndedUntouched "ended-untouched" "a cancel looks first: of a run that has ended it only reads, and tells the end",
    SecretsKept "secrets-kept" "no secret is in a run, a report, an error, a log or a URL, in any spelling",
    SecretsUntouched "secrets-untouched" "a secret may be a placeholder: it goes into headers as it is",
    OriginsKept "origins-kept" "nothing is sent to an origin that was not granted",
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_every_check() {
        let readme = include_str!("../../../README.md");
        for check in Check::ALL {
            assert!(readme.contains(&format!("| `{check}` | {} |", check.about())), "{check}");
        }
    }
}
