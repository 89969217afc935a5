use std::time::Duration;

/// What a sync will do: how long it runs and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(crate) lasts: Duration,
    pub(crate) ending: Ending,
    pub(crate) answer_is_lost: bool,
}

/// How a sync ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Succeeds,
    /// With the task that Fivetran gives a person.
    Fails(String),
    /// The same, and the connection is broken from then on.
    Breaks(String),
    /// For so long. Fivetran begins it again by itself where the schedule is its own, and then it succeeds.
    PutOff(Duration),
    /// A person pauses the connection.
    Paused,
}

impl Plan {
    /// A sync that goes well and takes a minute.
    pub fn succeeds() -> Self {
        Self::ending(Ending::Succeeds)
    }

    /// A sync that fails and leaves a person this to do.
    pub fn fails(task: impl Into<String>) -> Self {
        Self::ending(Ending::Fails(task.into()))
    }

    /// A sync that fails because the connection broke, and leaves a person this to do.
    pub fn breaks(task: impl Into<String>) -> Self {
        Self::ending(Ending::Breaks(task.into()))
    }

    /// A sync that is put off for so long.
    pub fn is_put_off(by: Duration) -> Self {
        Self::ending(Ending::PutOff(by))
    }

    /// A sync that ends when a person pauses the connection.
    pub fn is_paused() -> Self {
        Self::ending(Ending::Paused)
    }

    /// Running for this long, not for a minute.
    #[must_use]
    pub fn lasting(mut self, lasts: Duration) -> Self {
        self.lasts = lasts;
        self
    }

    /// The request that starts the sync gets no answer.
    #[must_use]
    pub fn losing_its_answer(mut self) -> Self {
        self.answer_is_lost = true;
        self
    }

    fn ending(ending: Ending) -> Self {
        Self { lasts: Duration::from_mins(1), ending, answer_is_lost: false }
    }
}
