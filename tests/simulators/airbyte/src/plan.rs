use std::time::Duration;

/// The plan of a job: how long it runs and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(crate) lasts: Duration,
    pub(crate) ending: Ending,
    /// True if it is `incomplete` in its second half: an attempt has failed, and another will follow.
    pub(crate) retried: bool,
    pub(crate) answering: Answering,
}

/// The delivery of the answer to the request that starts a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    Arrives,
    IsLost,
    TimesOut,
}

/// The end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Succeeds,
    Fails,
    Cancelled,
}

impl Plan {
    /// A job that succeeds and takes a minute.
    pub fn succeeds() -> Self {
        Self::ending(Ending::Succeeds)
    }

    /// A job that fails.
    pub fn fails() -> Self {
        Self::ending(Ending::Fails)
    }

    /// A job that somebody cancels at its end.
    pub fn is_cancelled() -> Self {
        Self::ending(Ending::Cancelled)
    }

    /// Runs for this long, instead of a minute.
    #[must_use]
    pub fn lasting(self, lasts: Duration) -> Self {
        Self { lasts, ..self }
    }

    /// Its first attempt fails.
    #[must_use]
    pub fn after_a_retry(self) -> Self {
        Self { retried: true, ..self }
    }

    /// The request that starts the job gets no answer.
    #[must_use]
    pub fn losing_its_answer(self) -> Self {
        Self { answering: Answering::IsLost, ..self }
    }

    /// The request that starts the job is answered with a 504, by a gateway that gave up waiting.
    #[must_use]
    pub fn timing_out(self) -> Self {
        Self { answering: Answering::TimesOut, ..self }
    }

    fn ending(ending: Ending) -> Self {
        Self { lasts: Duration::from_mins(1), ending, retried: false, answering: Answering::Arrives }
    }
}
