//! When a trigger was about to be sent, and which runs can be of it.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::timestamp::Timestamp;

/// How much earlier than the trigger its run can seem to have begun, in seconds: a host waits up to 40 s for the first answer,
/// whose `Date` has whole seconds, and the gateway that writes it goes by another clock than what starts runs.
const GREY: i64 = 45;

/// How far the clocks of a tool's machines are apart, in seconds, the seconds that they leave out included.
const SKEW: i64 = 5;

/// How long after a trigger its run begins at the latest, in seconds: a host gives a call a minute, and the tool one more to
/// start the run.
const LATEST: i64 = 120;

/// The moment by the tool's clock at which a host wrote down that it was going to trigger: by
/// [`Client::sent`](crate::client::Client::sent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent(Timestamp);

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
    /// So many milliseconds before `now`, rounded down: a run is rather taken for the trigger's than started twice.
    pub(crate) fn before(now: Timestamp, age_ms: u64) -> Self {
        let age = i64::try_from(age_ms.div_ceil(1000)).unwrap_or(i64::MAX);
        Self(Timestamp::from_seconds(now.seconds().saturating_sub(age)))
    }

    /// The moment as it was stored.
    pub fn at(moment: Timestamp) -> Self {
        Self(moment)
    }

    /// The moment, to be stored.
    pub fn moment(self) -> Timestamp {
        self.0
    }

    /// Since when a run has to be looked for: the first moment that is not [older](Whose::Older).
    pub fn earliest(self) -> Timestamp {
        Timestamp::from_seconds(self.0.seconds().saturating_sub(GREY))
    }

    /// Whether a run that began then and was going on when it was looked for can be taken for the trigger's.
    pub fn is_joined(self, began: Timestamp) -> bool {
        (-SKEW..=LATEST).contains(&(began.seconds() - self.0.seconds()))
    }

    /// Whose a run is that began then.
    pub fn whose(self, began: Timestamp) -> Whose {
        match began.seconds() - self.0.seconds() {
            since if since < -GREY => Whose::Older,
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
        // 61 seconds before.
        let sent = Sent::before(at(1_061), 60_001);
        for (began, whose) in [
            (0, Whose::Older),
            (954, Whose::Older),
            (955, Whose::Unclear),
            (999, Whose::Unclear),
            (1_000, Whose::Ours),
            (1_120, Whose::Ours),
            (1_121, Whose::Later),
            (i64::MAX, Whose::Later),
        ] {
            assert_eq!(sent.whose(at(began)), whose, "{began}");
        }
        assert_eq!(sent.earliest(), at(955));
        let joined = [994, 995, 1_120, 1_121].map(|began| sent.is_joined(at(began)));
        assert_eq!(joined, [false, true, true, false]);
    }

    #[test]
    fn no_age_is_too_great() {
        assert_eq!(Sent::before(at(1_000), u64::MAX).whose(at(1_000)), Whose::Later);
    }
}
