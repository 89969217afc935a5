use std::time::Duration;

use http::StatusCode;

/// The plan of a sync: how long it runs and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(crate) lasts: Duration,
    pub(crate) ending: Ending,
    /// The status that answers the request that starts it; none if the answer is lost.
    pub(crate) answer: Option<StatusCode>,
}

/// The end of a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Succeeds,
    /// It fails, and gives a person this task.
    Fails(String),
    /// It fails, gives a person this task, and leaves the connection broken.
    Breaks(String),
    /// It is postponed by this much. Unless the schedule is manual, Fivetran then starts it again, and it succeeds.
    PutOff(Duration),
    /// A person pauses the connection.
    Paused,
    /// Another sync stops it, which only the history shows.
    Cancelled,
}

impl Plan {
    /// A sync that succeeds and takes a minute.
    pub fn succeeds() -> Self {
        Self::ending(Ending::Succeeds)
    }

    /// A sync that fails, and gives a person this task.
    pub fn fails(task: impl Into<String>) -> Self {
        Self::ending(Ending::Fails(task.into()))
    }

    /// A sync that fails because the connection broke, and gives a person this task.
    pub fn breaks(task: impl Into<String>) -> Self {
        Self::ending(Ending::Breaks(task.into()))
    }

    /// A sync that is postponed by this much.
    pub fn is_put_off(by: Duration) -> Self {
        Self::ending(Ending::PutOff(by))
    }

    /// A sync that ends when a person pauses the connection.
    pub fn is_paused() -> Self {
        Self::ending(Ending::Paused)
    }

    /// A sync that is stopped, which the connection's times do not show.
    pub fn is_cancelled() -> Self {
        Self::ending(Ending::Cancelled)
    }

    /// Runs for this long, instead of a minute.
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
