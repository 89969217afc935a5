use std::fmt;

use crate::{Route, World};

/// A change of the world right before a certain request to an endpoint is answered.
pub(crate) struct Hook {
    route: Route,
    /// How many requests to the endpoint come before, this one included.
    countdown: usize,
    change: Box<dyn FnOnce(&mut World) + Send>,
}

impl Hook {
    pub(crate) fn new(route: Route, nth: usize, change: impl FnOnce(&mut World) + Send + 'static) -> Self {
        Self { route, countdown: nth.max(1), change: Box::new(change) }
    }

    /// Counts a request. Whether the hook's time has come.
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
