//! Send times of the calls that may have started a run, and the attribution of runs to them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, iter};

use crate::ages::Ages;
use crate::timestamp::Timestamp;

/// The clock skew between a tool's machines, in seconds, including the fractions that they omit.
const SKEW: i64 = 5;

/// The latest start of a run after its call, in seconds: a host's call takes up to a minute, and the tool may take
/// another to start the run.
pub const LATEST: i64 = 120;

/// The part of an answer's time that counts for the call, in milliseconds.
const GRACE_MS: u64 = 1_000;

/// When each call that may have started a run was recorded, by the tool's clock: a trigger, then the calls that settled
/// it. From [`Client::sent`](crate::client::Client::sent).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    trigger: Window,
    since: Vec<Window>,
}

/// When one call was recorded: two moments, as far apart as the answer took, since it may have been dated at any time
/// on its way.
///
/// Less the grace, which counts for the call: it is better to take a run for ours than to lose one that began at once
/// while the tool was slow to date its answer. Another run that began within the grace was in the way of our call, so
/// the tool refused the call: no run of ours is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    earliest: Timestamp,
    latest: Timestamp,
}

/// The attribution of a run, by when it began. With several calls the greatest counts: a run that one of them claims is
/// not another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribution {
    /// It began before the trigger: somebody else's.
    Older,
    /// It began too long after each call that came before it: somebody else's, which may hide ours.
    Later,
    /// It began at about the time of a call, before or after it.
    Unclear,
    /// It began when a call's run would.
    Ours,
}

impl Sent {
    /// The send times of calls of these ages, for a call whose first answer is dated `date` and came after `after_ms`.
    pub(crate) fn before(date: Timestamp, after_ms: u64, ages: Ages<'_>) -> Self {
        let window = |age_ms| Window::before(date, after_ms, age_ms);
        Self { trigger: window(ages.trigger), since: ages.since.iter().copied().map(window).collect() }
    }

    /// The send times from their stored [moments](Self::moments): the trigger's, then those of the calls since.
    pub fn at(trigger: Timestamp, since: impl IntoIterator<Item = Timestamp>) -> Self {
        let window = |moment| Window { earliest: moment, latest: moment };
        Self { trigger: window(trigger), since: since.into_iter().map(window).collect() }
    }

    /// The moment of each call from which on a run is [ours](Attribution::Ours), the trigger's first. These have to be
    /// stored.
    pub fn moments(&self) -> impl Iterator<Item = Timestamp> {
        self.windows().map(|window| window.latest)
    }

    /// The earliest start of a run to look for: the first moment that is not [older](Attribution::Older).
    pub fn earliest(&self) -> Timestamp {
        self.trigger.start()
    }

    /// True if a moment comes after the trigger, whatever came in between.
    pub fn precedes(&self, moment: Timestamp) -> bool {
        moment >= self.trigger.latest
    }

    /// The attribution of a run that began then.
    pub fn attribution(&self, began: Timestamp) -> Attribution {
        self.windows().map(|window| window.attribution(began)).fold(Attribution::Older, Attribution::max)
    }

    fn windows(&self) -> impl Iterator<Item = &Window> {
        iter::once(&self.trigger).chain(&self.since)
    }
}

impl Window {
    /// The window, rounded down: better to take a run for ours than to start one twice.
    fn before(date: Timestamp, after_ms: u64, age_ms: u64) -> Self {
        let back = |ms: u64| {
            let seconds = i64::try_from(age_ms.saturating_add(ms).div_ceil(1000)).unwrap_or(i64::MAX);
            Timestamp::from_seconds(date.seconds().saturating_sub(seconds))
        };
        Self { earliest: back(after_ms), latest: back(after_ms.min(GRACE_MS)) }
    }

    fn start(self) -> Timestamp {
        Timestamp::from_seconds(self.earliest.seconds().saturating_sub(SKEW))
    }

    fn attribution(self, began: Timestamp) -> Attribution {
        match began.seconds().saturating_sub(self.latest.seconds()) {
            _ if began < self.start() => Attribution::Older,
            ..0 => Attribution::Unclear,
            0..=LATEST => Attribution::Ours,
            _ => Attribution::Later,
        }
    }
}

/// The message on the unknown outcome of a call that may have started `run`, such as `a sync`.
pub fn outcome_unknown(run: &str, reason: impl fmt::Display) -> String {
    format!("whether {run} was started is not known: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Attribution::{Later, Older, Ours, Unclear};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn before(date: i64, after_ms: u64, ages_ms: &[u64]) -> Sent {
        Sent::before(at(date), after_ms, Ages::parse(ages_ms).expect("ages"))
    }

    fn assert_attribution(sent: &Sent, runs: &[(i64, Attribution)]) {
        for (began, attribution) in runs {
            assert_eq!(sent.attribution(at(*began)), *attribution, "{began}");
        }
    }

    #[test]
    fn a_run_is_told_by_when_it_began_and_about_the_trigger_nobody_can_tell() {
        // Between 81 and 62 seconds before.
        let sent = before(1_062, 20_000, &[60_001]);
        let runs = [(0, Older), (975, Older), (976, Unclear), (999, Unclear), (1_000, Ours), (1_120, Ours)];
        assert_attribution(&sent, &runs);
        assert_attribution(&sent, &[(1_121, Later), (i64::MAX, Later)]);
        assert_eq!(sent.earliest(), at(976));
    }

    #[test]
    fn a_run_that_began_within_two_minutes_of_any_call_is_ours() {
        let sent = before(2_000, 0, &[1_000_000, 400_000, 350_000]);
        let first = [(994, Older), (995, Unclear), (999, Unclear), (1_000, Ours), (1_120, Ours), (1_121, Later)];
        assert_attribution(&sent, &first);
        let second = [(1_594, Later), (1_595, Unclear), (1_599, Unclear), (1_600, Ours)];
        assert_attribution(&sent, &second);
        // The third came while a run of the second could begin.
        assert_attribution(&sent, &[(1_645, Ours), (1_649, Ours), (1_650, Ours), (1_770, Ours), (1_771, Later)]);
        assert_eq!(sent.earliest(), at(995));
    }

    #[test]
    fn what_came_after_the_trigger_is_told_whatever_calls_came_since() {
        let sent = before(2_000, 0, &[1_000_000, 400_000]);
        for (moment, precedes) in [(999, false), (1_000, true), (1_300, true), (1_599, true), (2_000, true)] {
            assert_eq!(sent.precedes(at(moment)), precedes, "{moment}");
        }
    }

    #[test]
    fn stored_it_takes_the_same_runs_for_its_own() {
        let sent = before(1_060, 20_000, &[60_000, 10_000]);
        let mut moments = sent.moments();
        let stored = Sent::at(moments.next().expect("the trigger's"), moments);
        for began in [979, 980, 998, 999, 1_119, 1_120, 1_169, 1_170].map(at) {
            assert_eq!(stored.attribution(began) == Ours, sent.attribution(began) == Ours, "{began}");
        }
    }

    #[test]
    fn an_answer_that_came_at_once_leaves_unclear_what_clocks_that_differ_do() {
        assert_attribution(
            &before(1_060, 0, &[60_000]),
            &[(994, Older), (995, Unclear), (999, Unclear), (1_000, Ours)],
        );
    }

    #[test]
    fn where_an_answer_was_dated_late_a_run_of_the_second_before_is_ours_and_no_earlier_one() {
        for (after_ms, ours) in [(0, 1_000), (1, 999), (1_000, 999), (30_000, 999)] {
            assert_attribution(&before(1_060, after_ms, &[60_000]), &[(ours - 1, Unclear), (ours, Ours)]);
        }
    }

    #[test]
    fn a_message_on_an_unknown_outcome_names_the_run_and_the_reason() {
        assert_eq!(outcome_unknown("a sync", "no answer"), "whether a sync was started is not known: no answer");
    }

    #[test]
    fn no_age_is_too_great() {
        let sent = before(1_000, u64::MAX, &[u64::MAX, u64::MAX]);
        assert_eq!(sent.attribution(at(1_000)), Later);
        assert_eq!(sent.attribution(at(i64::MAX)), Later);
    }
}
