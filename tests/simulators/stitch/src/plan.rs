use std::time::Duration;

/// A phase of an extraction job, in the order in which a job goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The structure sync: what is there to replicate.
    Discovery,
    /// Reads data from the source.
    Tap,
    /// Hands the data to Stitch's own target.
    Target,
}

impl Phase {
    /// All three, in order.
    pub const ALL: [Self; 3] = [Self::Discovery, Self::Tap, Self::Target];

    /// The prefix of the phase's fields in a row.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Tap => "tap",
            Self::Target => "target",
        }
    }
}

/// The end of a job, unless it is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All three phases succeed.
    Succeeds,
    /// A phase fails and takes the job with it.
    Fails {
        /// The phase that fails. The others read 0, as in Stitch's documented example.
        phase: Phase,
        /// Its exit status: not 0.
        exit_status: i64,
        /// The raw message, for the phase's `*_description`.
        message: String,
    },
    /// Stitch terminates it for running too long, in its tap phase.
    Terminated,
}

/// The plan of a job: how long its phases take, how it ends, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    durations: [Duration; 3],
    outcome: Outcome,
    followed_by: Option<(Duration, Box<Plan>)>,
}

impl Plan {
    /// A job that succeeds and takes a minute: 10 s, 30 s and 20 s.
    pub fn succeeds() -> Self {
        let durations = [10, 30, 20].map(Duration::from_secs);
        Self { durations, outcome: Outcome::Succeeds, followed_by: None }
    }

    /// A job with a phase that fails when its time is over.
    pub fn fails(phase: Phase, exit_status: i64, message: impl Into<String>) -> Self {
        let outcome = Outcome::Fails { phase, exit_status, message: message.into() };
        Self { outcome, ..Self::succeeds() }
    }

    /// A job that is terminated when the time of its tap is over.
    pub fn terminated() -> Self {
        Self { outcome: Outcome::Terminated, ..Self::succeeds() }
    }

    /// With phases that take this long, in the order discovery, tap, target. Three times zero is a job too quick to be seen.
    #[must_use]
    pub fn lasting(mut self, discovery: Duration, tap: Duration, target: Duration) -> Self {
        self.durations = [discovery, tap, target];
        self
    }

    /// With another job that Stitch starts by itself, `gap` after this one was to end: it supersedes the row.
    #[must_use]
    pub fn followed_by(mut self, gap: Duration, next: Self) -> Self {
        self.followed_by = Some((gap, Box::new(next)));
        self
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The job's duration.
    pub fn duration(&self) -> Duration {
        let last = match self.outcome {
            Outcome::Succeeds => Phase::Target,
            Outcome::Fails { phase, .. } => phase,
            Outcome::Terminated => Phase::Tap,
        };
        self.end_of(last)
    }

    /// The phase that a job is in, `elapsed` after its start.
    pub(crate) fn phase_at(&self, elapsed: Duration) -> Phase {
        Phase::ALL.into_iter().find(|phase| elapsed < self.end_of(*phase)).unwrap_or(Phase::Target)
    }

    /// The job that comes after this one, and when, counted from this one's start.
    pub(crate) fn next(&self) -> Option<(Duration, &Self)> {
        let (gap, next) = self.followed_by.as_ref()?;
        Some((self.duration().saturating_add(*gap), next))
    }

    fn end_of(&self, phase: Phase) -> Duration {
        self.durations.iter().take(phase as usize + 1).fold(Duration::ZERO, |sum, one| sum.saturating_add(*one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_with_the_phase_that_fails() {
        assert_eq!(Plan::succeeds().duration(), Duration::from_mins(1));
        assert_eq!(Plan::terminated().duration(), Duration::from_secs(40));
        for (phase, seconds) in Phase::ALL.into_iter().zip([10, 40, 60]) {
            assert_eq!(Plan::fails(phase, 1, "").duration(), Duration::from_secs(seconds));
        }
    }

    #[test]
    fn a_phase_ends_where_the_next_begins() {
        let phases = [0, 9, 10, 39, 40, 60].map(|s| Plan::succeeds().phase_at(Duration::from_secs(s)).name());
        assert_eq!(phases, ["discovery", "discovery", "tap", "tap", "target", "target"]);
    }
}
