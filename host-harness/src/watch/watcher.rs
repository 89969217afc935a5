//! The watcher: triggers a run and watches it until it has ended.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use tracing::Instrument;

use crate::contract::{Report, Running};
use crate::watch::shutdown::Shutdown;
use crate::watch::state_machine::{Watch, WatchAction, WatchEnd};
use crate::watch::watch_loop::{self, Called, WatchHost};
use crate::{Arguments, CallError, Clock, Denial, Exceeded, Function, Plugin, PollPolicy, spans};

/// An event of a watch.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WatchEvent<'a> {
    /// The run goes on. An engine stores `running.run` now, so that any other process can resume the watch.
    Running(&'a Running),
    /// A call failed in a way that may pass, and is retried.
    Retrying {
        /// The error.
        error: &'a CallError,
        /// The wait before the next call.
        wait: Duration,
    },
    /// The plugin is asked to cancel the run.
    Cancelling,
}

/// The outcome of a watch, with all that an engine needs to resume it.
#[derive(Clone, Debug)]
pub struct WatchOutcome {
    /// The end of the watch.
    pub end: WatchEnd,
    /// The run that the plugin returned last, to poll with if it may go on. None if nothing was started, or it ended
    /// with the trigger.
    pub run: Option<String>,
    /// The last report while the run went on.
    pub report: Option<Report>,
    /// True if the trigger failed and may still have started a run: see [`CallError::may_have_started`].
    pub may_have_started: bool,
    /// The number of requests that all calls sent.
    pub requests: usize,
    /// The requests of the last call that were denied.
    pub denied: Vec<Denial>,
    /// The limits that peers exceeded in the last call.
    pub exceeded: Vec<Exceeded>,
    /// The plugin's stderr in the last call.
    pub stderr: String,
}

/// A watcher: a plugin, its arguments and a poll policy.
#[derive(Clone, Copy, Debug)]
pub struct Watcher<'a, C> {
    /// The plugin.
    pub plugin: &'a Plugin,
    /// The arguments of every call.
    pub arguments: &'a Arguments,
    /// The poll policy.
    pub policy: &'a PollPolicy,
    /// The clock.
    pub clock: &'a C,
}

impl<C: Clock> Watcher<'_, C> {
    /// Triggers a run, once, and watches it until it has ended. Cancels the run when `unwanted` is ready.
    pub async fn run(&self, observer: impl FnMut(WatchEvent<'_>), unwanted: impl Future<Output = ()>) -> WatchOutcome {
        self.watch(None, Function::Trigger, observer, unwanted).instrument(spans::watch()).await
    }

    /// Resumes the watch of a run that was triggered before, by any process.
    pub async fn resume(
        &self,
        run: String,
        observer: impl FnMut(WatchEvent<'_>),
        unwanted: impl Future<Output = ()>,
    ) -> WatchOutcome {
        self.watch(Some(run), Function::Poll, observer, unwanted).instrument(spans::watch()).await
    }

    async fn watch(
        &self,
        run: Option<String>,
        first: Function,
        observer: impl FnMut(WatchEvent<'_>),
        unwanted: impl Future<Output = ()>,
    ) -> WatchOutcome {
        let watch = Watch::new(self.policy.clone(), self.clock.now(), run);
        let mut alone = Observed {
            watcher: self,
            observer,
            unwanted: pin!(unwanted),
            is_wanted: true,
            requests: 0,
            may_have_started: false,
            denied: Vec::new(),
            exceeded: Vec::new(),
            stderr: String::new(),
        };
        let Ok((end, watch)) = watch_loop::watch(watch, WatchAction::Call(first), &mut alone).await;
        let (run, report) = watch.into_known();
        let Observed { requests, may_have_started, denied, exceeded, stderr, .. } = alone;
        WatchOutcome { end, run, report, may_have_started, requests, denied, exceeded, stderr }
    }
}

/// The host of a single run's watch, and the results of its calls.
struct Observed<'a, 'p, C, O, U> {
    watcher: &'a Watcher<'a, C>,
    observer: O,
    unwanted: Pin<&'p mut U>,
    is_wanted: bool,
    requests: usize,
    may_have_started: bool,
    denied: Vec<Denial>,
    exceeded: Vec<Exceeded>,
    stderr: String,
}

impl<C: Clock, O: FnMut(WatchEvent<'_>), U: Future<Output = ()>> WatchHost for Observed<'_, '_, C, O, U> {
    type Halt = Infallible;

    fn now(&self) -> Duration {
        self.watcher.clock.now()
    }

    async fn wait(&mut self, until: Duration) -> Option<Shutdown> {
        tokio::select! {
            biased;
            () = &mut self.unwanted, if self.is_wanted => {
                self.is_wanted = false;
                Some(Shutdown::Cancel)
            }
            () = self.watcher.clock.sleep(until.saturating_sub(self.watcher.clock.now())) => None,
        }
    }

    async fn call(&mut self, function: Function, run: &str, _until: Duration) -> Result<Called, Infallible> {
        let Watcher { plugin, arguments, .. } = *self.watcher;
        let call = match function {
            Function::Trigger => plugin.trigger(arguments).await,
            Function::Cancel => {
                (self.observer)(WatchEvent::Cancelling);
                plugin.cancel(arguments, run).await
            }
            _ => plugin.poll(arguments, run).await,
        };
        self.requests += call.requests.len();
        self.may_have_started |= function == Function::Trigger && call.may_have_started();
        (self.denied, self.exceeded, self.stderr) = (call.denied, call.exceeded, call.stderr);
        Ok(Called::Answered(call.outcome))
    }

    async fn running(&mut self, running: &Running) -> Result<(), Infallible> {
        (self.observer)(WatchEvent::Running(running));
        Ok(())
    }

    fn retrying(&mut self, error: &CallError, wait: Duration) {
        (self.observer)(WatchEvent::Retrying { error, wait });
    }
}
