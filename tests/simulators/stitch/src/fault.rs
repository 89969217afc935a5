use std::time::Duration;

use http::StatusCode;

use crate::{Answer, Route};

/// An injected fault, for some of the requests to an endpoint.
///
/// ```
/// use stitch_simulator::{ErrorBody, Fault, Route};
///
/// let html = Fault::on(Route::ListExtractions).times(3).answer(ErrorBody::Html("502".into()).with_status(http::StatusCode::BAD_GATEWAY));
/// let lost_answer = Fault::on(Route::StartJob).reset();
/// let lost_request = Fault::on(Route::StartJob).reset().without_effect();
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    route: Option<Route>,
    skip: usize,
    times: usize,
    has_effect: bool,
    delay: Duration,
    answer: Option<Answer>,
    delivery: Delivery,
}

/// The delivery of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As it is.
    Whole,
    /// The headers, with the right `content-length`, and half of the body; then the connection is closed.
    Truncated,
    /// Not at all: the connection is reset once the request has been read.
    Reset,
}

impl Fault {
    /// For the next request to an endpoint. Does nothing until it is configured.
    pub fn on(route: Route) -> Self {
        Self { route: Some(route), ..Self::anywhere() }
    }

    /// For the next request, whatever it asks for.
    pub fn anywhere() -> Self {
        Self {
            route: None,
            skip: 0,
            times: 1,
            has_effect: true,
            delay: Duration::ZERO,
            answer: None,
            delivery: Delivery::Whole,
        }
    }

    /// Leaves this many requests unharmed first.
    #[must_use]
    pub fn skip(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    /// For this many requests in a row, instead of one.
    #[must_use]
    pub fn times(mut self, requests: usize) -> Self {
        self.times = requests;
        self
    }

    /// For every request from now on.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// Answers with this, without an effect: a job is not started.
    #[must_use]
    pub fn answer(mut self, answer: Answer) -> Self {
        self.answer = Some(answer);
        self.without_effect()
    }

    /// Answers with only this status, without an effect.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        self.answer(Answer::empty(status))
    }

    /// Delays the answer for this long, in real time. The request takes effect before.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Closes the connection in the middle of the body.
    #[must_use]
    pub fn truncated(mut self) -> Self {
        self.delivery = Delivery::Truncated;
        self
    }

    /// Resets the connection instead of answering.
    #[must_use]
    pub fn reset(mut self) -> Self {
        self.delivery = Delivery::Reset;
        self
    }

    /// Lets the request take effect all the same: a job is started.
    #[must_use]
    pub fn with_effect(mut self) -> Self {
        self.has_effect = true;
        self
    }

    /// Lets the request have no effect, whatever the answer.
    #[must_use]
    pub fn without_effect(mut self) -> Self {
        self.has_effect = false;
        self
    }

    /// True if it applies to this request; counts the request if so.
    pub(crate) fn strikes(&mut self, route: Route) -> bool {
        if self.times == 0 || self.route.is_some_and(|own| own != route) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.times -= 1;
        true
    }

    pub(crate) fn has_effect(&self) -> bool {
        self.has_effect
    }

    pub(crate) fn delay_of_answer(&self) -> Duration {
        self.delay
    }

    pub(crate) fn delivery(&self) -> Delivery {
        self.delivery
    }

    pub(crate) fn answer_instead(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }
}
