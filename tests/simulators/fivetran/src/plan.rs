use std::time::Duration;

use http::StatusCode;

/// What a sync will do: how long it runs and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(crate) lasts: Duration,
    pub(crate) ending: Ending,
    /// What the request that starts it is answered with; none where its answer is lost.
    pub(crate) answer: Option<StatusCode>,
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
    /// Another stops it, and only the history tells.
    Cancelled,
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

    /// A sync that is stopped, which no time of the connection shows.
    pub fn is_cancelled() -> Self {
        Self::ending(Ending::Cancelled)
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
        self.answer = None;
        self
    }

    /// The request that starts the sync is answered with this status, as by a gateway that gave up waiting.
    #[must_use]
    pub fn answered(mut self, status: StatusCode) -> Self {
        self.answer = Some(status);
        self
    }

    fn ending(ending: Ending) -> Self {
        Self { lasts: Duration::from_mins(1), ending, answer: Some(StatusCode::OK) }
    }
}
