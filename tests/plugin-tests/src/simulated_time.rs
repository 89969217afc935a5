//! Time that passes when it is waited for.

use std::future::pending;
use std::time::Duration;

use host_harness::contract::{Finished, Report, Verdict};
use host_harness::{Arguments, Clock, Plugin, PollPolicy, WatchEnd, Watcher};
use tool_simulator::{Simulator, Tool};

/// Triggers and polls as a host does, in the simulator's time, until the run has ended.
pub async fn ended<T: Tool>(plugin: &Plugin, arguments: &Arguments, simulator: &Simulator<T>) -> (Verdict, Report) {
    let (policy, clock) = (PollPolicy::default(), SimulatedClock(simulator));
    let watcher = Watcher { plugin, arguments, policy: &policy, clock: &clock };
    match watcher.run(|_| (), pending()).await.end {
        WatchEnd::Finished(Finished { verdict, report }) => (verdict, report),
        other => panic!("no verdict: {other:?}"),
    }
}

struct SimulatedClock<'a, T>(&'a Simulator<T>);

impl<T: Tool> Clock for SimulatedClock<'_, T> {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.now().as_millisecond().unsigned_abs())
    }

    async fn sleep(&self, time: Duration) {
        self.0.advance(time);
    }
}
