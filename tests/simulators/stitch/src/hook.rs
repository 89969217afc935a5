use std::fmt;

use crate::{Route, World};

/// A change of the world right before a certain request to an endpoint is answered.
pub(crate) struct Hook {
    route: Route,
    /// The number of requests to the endpoint until then, including the one itself.
    countdown: usize,
    change: Box<dyn FnOnce(&mut World) + Send>,
}

impl Hook {
    pub(crate) fn new(route: Route, nth: usize, change: impl FnOnce(&mut World) + Send + 'static) -> Self {
        Self { route, countdown: nth.max(1), change: Box::new(change) }
    }

    /// Counts a request. True if the hook is due.
    pub(crate) fn is_due(&mut self, route: Route) -> bool {
        if self.route == route {
            self.countdown -= 1;
        }
        self.countdown == 0
    }

    pub(crate) fn run(self, world: &mut World) {
        (self.change)(world);
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, countdown, .. } = self;
        formatter.debug_struct("Hook").field("route", route).field("countdown", countdown).finish_non_exhaustive()
    }
}
