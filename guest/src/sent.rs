//! When a trigger was about to be sent, and which runs can be of it.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::timestamp::Timestamp;

/// How far the clocks of a tool's machines are apart, in seconds, the seconds that they leave out included.
const SKEW: i64 = 5;

/// How long after a trigger its run begins at the latest, in seconds: a host gives a call a minute, and the tool one more to
/// start the run.
pub const LATEST: i64 = 120;

/// When, by the tool's clock, a host wrote down that it was going to trigger: by
/// [`Client::sent`](crate::client::Client::sent). Nobody knows when on its way an answer was dated, so it is two moments, as far
/// apart as the answer took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    earliest: Timestamp,
    latest: Timestamp,
}

/// Whose a run is, by when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It began before the trigger: somebody else's.
    Older,
    /// It began about when the trigger was sent, and nobody can tell whether before or after.
    Unclear,
    /// It began when the trigger's run does.
    Ours,
    /// It began too long after the trigger: somebody else's, which may hide ours.
    Later,
}

impl Sent {
    /// So many milliseconds before a call whose first answer is dated `date` and came `after_ms` after it began. Rounded down: a
    /// run is rather taken for the trigger's than started twice.
    pub(crate) fn before(date: Timestamp, after_ms: u64, age_ms: u64) -> Self {
        let back = |ms: u64| {
            let seconds = i64::try_from(ms.div_ceil(1000)).unwrap_or(i64::MAX);
            Timestamp::from_seconds(date.seconds().saturating_sub(seconds))
        };
        Self { earliest: back(age_ms.saturating_add(after_ms)), latest: back(age_ms) }
    }

    /// The moment as it was stored.
    pub fn at(moment: Timestamp) -> Self {
        Self { earliest: moment, latest: moment }
    }

    /// The latest moment that it can have been: the one to be stored, since it alone tells what is [ours](Whose::Ours).
    pub fn moment(self) -> Timestamp {
        self.latest
    }

    /// Since when a run has to be looked for: the first moment that is not [older](Whose::Older).
    pub fn earliest(self) -> Timestamp {
        Timestamp::from_seconds(self.earliest.seconds().saturating_sub(SKEW))
    }

    /// Whose a run is that began then.
    pub fn whose(self, began: Timestamp) -> Whose {
        match began.seconds() - self.latest.seconds() {
            _ if began < self.earliest() => Whose::Older,
            ..0 => Whose::Unclear,
            0..=LATEST => Whose::Ours,
            _ => Whose::Later,
        }
    }
}

/// What is said where nobody can tell whether `run`, such as `a sync`, was started.
pub fn untold(run: &str, reason: impl fmt::Display) -> String {
    format!("whether {run} was started is not known: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_run_is_told_by_when_it_began_and_about_the_trigger_nobody_can_tell() {
        // Between 81 and 61 seconds before.
        let sent = Sent::before(at(1_061), 20_000, 60_001);
        for (began, whose) in [
            (0, Whose::Older),
            (974, Whose::Older),
            (975, Whose::Unclear),
            (999, Whose::Unclear),
            (1_000, Whose::Ours),
            (1_120, Whose::Ours),
            (1_121, Whose::Later),
            (i64::MAX, Whose::Later),
        ] {
            assert_eq!(sent.whose(at(began)), whose, "{began}");
        }
        assert_eq!(sent.earliest(), at(975));
    }

    #[test]
    fn stored_it_takes_the_same_runs_for_its_own() {
        let sent = Sent::before(at(1_060), 20_000, 60_000);
        let stored = Sent::at(sent.moment());
        for began in [979, 980, 999, 1_000, 1_120, 1_121].map(at) {
            assert_eq!(stored.whose(began) == Whose::Ours, sent.whose(began) == Whose::Ours, "{began}");
        }
    }

    #[test]
    fn an_answer_that_came_at_once_leaves_unclear_what_clocks_that_differ_do() {
        let sent = Sent::before(at(1_060), 0, 60_000);
        let whose = [994, 995, 999, 1_000].map(|began| sent.whose(at(began)));
        assert_eq!(whose, [Whose::Older, Whose::Unclear, Whose::Unclear, Whose::Ours]);
    }

    #[test]
    fn no_age_is_too_great() {
        assert_eq!(Sent::before(at(1_000), u64::MAX, u64::MAX).whose(at(1_000)), Whose::Later);
    }
}
