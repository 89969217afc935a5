//! Watches a run until it has ended.

use std::future::Future;
use std::pin::pin;

use tracing::Instrument;

use crate::contract::{Report, Running};
use crate::watch::state_machine::{Action, End, Watch};
use crate::{Arguments, CallError, Clock, Denial, Exceeded, Function, Plugin, PollPolicy, spans};

/// What happens while a run is watched.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The run goes on. An engine stores `running.run` now, so that any other process can go on from here.
    Running(&'a Running),
    /// A call failed in a way that may pass; it is made again.
    Retrying {
        /// What failed.
        error: &'a CallError,
        /// How long is waited before the next call.
        wait: std::time::Duration,
    },
    /// The plugin is asked to cancel the run.
    Cancelling,
}

/// How the watch over a run ended, and all that an engine needs to go on from there.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What the plugin handed back last: what to poll with, where the run goes on or nobody knows. None where nothing was
    /// started, or it ended with the trigger.
    pub run: Option<String>,
    /// The last report of the run while it went on.
    pub report: Option<Report>,
    /// Whether the trigger failed and may have started a run all the same: see [`CallError::may_have_started`].
    pub may_have_started: bool,
    /// How many requests all the calls made.
    pub requests: usize,
    /// What the last call was not allowed to send.
    pub denied: Vec<Denial>,
    /// The limits that peers of the last call went past.
    pub exceeded: Vec<Exceeded>,
    /// What the plugin wrote to stderr in its last call.
    pub stderr: String,
}

/// A plugin, its arguments and how to watch its runs.
#[derive(Clone, Copy, Debug)]
pub struct Watcher<'a, C> {
    /// The plugin.
    pub plugin: &'a Plugin,
    /// What it is called with, every time.
    pub arguments: &'a Arguments,
    /// How patient to be.
    pub policy: &'a PollPolicy,
    /// Where the time comes from.
    pub clock: &'a C,
}

impl<C: Clock> Watcher<'_, C> {
    /// Triggers a run, once, and watches it until it has ended. When `unwanted` is ready the run is cancelled.
    pub async fn run(&self, observer: impl FnMut(Event<'_>), unwanted: impl Future<Output = ()>) -> Outcome {
        self.watch(None, Function::Trigger, observer, unwanted).instrument(spans::watch()).await
    }

    /// Goes on to watch a run that was triggered before, by whatever process.
    pub async fn resume(
        &self,
        run: String,
        observer: impl FnMut(Event<'_>),
        unwanted: impl Future<Output = ()>,
    ) -> Outcome {
        self.watch(Some(run), Function::Poll, observer, unwanted).instrument(spans::watch()).await
    }

    async fn watch(
        &self,
        run: Option<String>,
        first: Function,
        mut observer: impl FnMut(Event<'_>),
        unwanted: impl Future<Output = ()>,
    ) -> Outcome {
        let mut watch = Watch::new(self.policy.clone(), self.clock.now(), run);
        let mut unwanted = pin!(unwanted);
        let mut wanted = true;
        let (mut requests, mut may_have_started) = (0, false);
        let mut last = (Vec::new(), Vec::new(), String::new());
        let mut action = Action::Call(first);
        let end = loop {
            action = match action {
                Action::End(end) => break end,
                Action::Wait { until, then } => {
                    let time = until.saturating_sub(self.clock.now());
                    tokio::select! {
                        biased;
                        () = &mut unwanted, if wanted => {
                            wanted = false;
                            watch.unwanted(self.clock.now())
                        }
                        () = self.clock.sleep(time) => Action::Call(then),
                    }
                }
                Action::Call(function) => {
                    if function == Function::Cancel {
                        observer(Event::Cancelling);
                    }
                    let run = watch.run().unwrap_or_default();
                    let call = match function {
                        Function::Trigger => self.plugin.trigger(self.arguments).await,
                        Function::Cancel => self.plugin.cancel(self.arguments, run).await,
                        _ => self.plugin.poll(self.arguments, run).await,
                    };
                    requests += call.requests.len();
                    may_have_started |= function == Function::Trigger && call.may_have_started();
                    last = (call.denied, call.exceeded, call.stderr);
                    if let Ok(crate::contract::Progress::Running(running)) = &call.outcome {
                        observer(Event::Running(running));
                    }
                    let error = call.outcome.as_ref().err().cloned();
                    let now = self.clock.now();
                    let next = watch.answered(now, function, call.outcome);
                    if let (Some(error), Action::Wait { until, .. }) = (&error, &next) {
                        let wait = until.saturating_sub(now);
                        observer(Event::Retrying { error, wait });
                    }
                    next
                }
            };
        };
        let (run, report) = watch.into_known();
        let (denied, exceeded, stderr) = last;
        Outcome { end, run, report, may_have_started, requests, denied, exceeded, stderr }
    }
}
