use std::ops::Deref;

use jiff::Timestamp;

use crate::{Request, Route};

/// A request that reached the simulator, with the simulated time at which it did.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// The simulated time.
    pub at: Timestamp,
    /// The request itself.
    pub request: Request,
}

impl RecordedRequest {
    /// The endpoint that it went to.
    pub fn route(&self) -> Route {
        self.request.target.route()
    }
}

impl Deref for RecordedRequest {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}
