//! The watch loop: does what the [state machine](crate::watch::state_machine) decides, for one run.
//!
//! It is the same for a single run and for the tasks of a pipeline. A [`WatchHost`] decides how to wait, call and
//! store.

use std::time::Duration;

use crate::contract::{Progress, Running};
use crate::watch::backoff::{chance, spread};
use crate::watch::shutdown::Shutdown;
use crate::watch::state_machine::{Watch, WatchAction};
use crate::{CallError, Function, WatchEnd};

/// The part of a watch that differs between a single run and a pipeline's task.
pub(crate) trait WatchHost {
    /// The reason to stop: nothing more can be stored.
    type Halt;

    /// The monotonic time.
    fn now(&self) -> Duration;

    /// Waits until then. Returns early with the new shutdown if that changes.
    async fn wait(&mut self, until: Duration) -> Option<Shutdown>;

    /// Calls a function with the run, before `until`.
    async fn call(&mut self, function: Function, run: &str, until: Duration) -> Result<Called, Self::Halt>;

    /// The run goes on. Once this returns, it is stored.
    async fn running(&mut self, running: &Running) -> Result<(), Self::Halt>;

    /// A call failed in a way that may pass, and is retried after this wait.
    fn retrying(&mut self, error: &CallError, wait: Duration);
}

/// The result of a call that may have had to wait for the rate limit.
#[cfg_attr(not(feature = "pipeline"), allow(dead_code, reason = "a run watched by itself waits for no turn"))]
pub(crate) enum Called {
    Answered(Result<Progress, CallError>),
    /// Not made: the run was no longer wanted before its turn came.
    Unwanted(Shutdown),
    /// Not made: the timeout passed before its turn came.
    TimeIsUp,
}

/// Watches a run from a first action to the end of the watch. Returns the state machine with what is known of the run.
pub(crate) async fn watch<H: WatchHost>(
    mut watch: Watch,
    first: WatchAction,
    host: &mut H,
) -> Result<(WatchEnd, Watch), H::Halt> {
    let mut action = first;
    loop {
        action = match action {
            WatchAction::End(end) => return Ok((end, watch)),
            WatchAction::Wait { until, then } => match host.wait(until).await {
                None => WatchAction::Call(then),
                Some(shutdown) => watch.unwanted(host.now(), shutdown),
            },
            WatchAction::Call(function) => {
                let (run, until) = (watch.run().unwrap_or_default(), watch.until());
                match host.call(function, run, until).await? {
                    Called::Unwanted(shutdown) => watch.unwanted(host.now(), shutdown),
                    Called::TimeIsUp => watch.overdue(),
                    Called::Answered(outcome) => answered(&mut watch, function, outcome, host).await?,
                }
            }
        };
    }
}

async fn answered<H: WatchHost>(
    watch: &mut Watch,
    function: Function,
    outcome: Result<Progress, CallError>,
    host: &mut H,
) -> Result<WatchAction, H::Halt> {
    // The wait is counted from the answer, so that runs that are told of together are due together.
    let now = host.now();
    if let Ok(Progress::Running(running)) = &outcome {
        host.running(running).await?;
    }
    let error = outcome.as_ref().err().cloned();
    let mut next = watch.answered(now, function, outcome);
    if let (Some(error), WatchAction::Wait { until, .. }) = (&error, &mut next) {
        let wait = spread(until.saturating_sub(now), chance());
        // Jitter alone must not exceed the timeout.
        *until = now.saturating_add(wait).min(watch.until().max(*until));
        host.retrying(error, until.saturating_sub(now));
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use proptest::prelude::*;

    use super::*;
    use crate::PollPolicy;
    use crate::contract::sample::{report, task_error};
    use crate::contract::{ErrorKind, Finished, TaskError, Verdict};

    /// The events of a watch, in order; then the run finishes.
    #[derive(Clone, Copy, Debug)]
    enum Happens {
        Runs,
        Fails(ErrorKind),
        Traps,
        IsUnwanted(Shutdown),
    }

    /// A host whose time passes when it waits, and whose calls are scripted.
    struct Scripted {
        now: Duration,
        happens: VecDeque<Happens>,
        calls: Vec<Function>,
    }

    impl Scripted {
        fn outcome(&mut self, function: Function) -> Result<Progress, CallError> {
            match self.happens.pop_front() {
                Some(Happens::Runs) => Ok(Progress::Running(Running {
                    run: format!("r{}", self.calls.len()),
                    poll_after_ms: 1_000,
                    report: report(),
                })),
                Some(Happens::Fails(kind)) => {
                    Err(CallError::Task(TaskError { may_have_started: true, ..task_error(kind) }))
                }
                Some(Happens::Traps) => Err(CallError::Trapped { function, reason: "wasm trap".to_owned() }),
                Some(Happens::IsUnwanted(_)) | None => {
                    Ok(Progress::Finished(Finished { verdict: Verdict::Succeeded, report: report() }))
                }
            }
        }
    }

    impl WatchHost for Scripted {
        type Halt = Infallible;

        fn now(&self) -> Duration {
            self.now
        }

        async fn wait(&mut self, until: Duration) -> Option<Shutdown> {
            if let Some(Happens::IsUnwanted(shutdown)) = self.happens.front().copied() {
                self.happens.pop_front();
                return Some(shutdown);
            }
            self.now = self.now.max(until);
            None
        }

        async fn call(&mut self, function: Function, _: &str, _: Duration) -> Result<Called, Infallible> {
            self.calls.push(function);
            Ok(Called::Answered(self.outcome(function)))
        }

        async fn running(&mut self, _: &Running) -> Result<(), Infallible> {
            Ok(())
        }

        fn retrying(&mut self, _: &CallError, _: Duration) {}
    }

    /// The calls of a watch with these events, and its end. Nothing really waits.
    fn calls(policy: PollPolicy, happens: impl IntoIterator<Item = Happens>) -> (Vec<Function>, WatchEnd) {
        let mut host = Scripted { now: Duration::ZERO, happens: happens.into_iter().collect(), calls: Vec::new() };
        let end = {
            let watched =
                watch(Watch::new(policy, Duration::ZERO, None), WatchAction::Call(Function::Trigger), &mut host);
            match pin!(watched).poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok((end, _))) => end,
                Poll::Pending => panic!("it waits for something else than its host"),
            }
        };
        (host.calls, end)
    }

    fn happens() -> impl Strategy<Value = Happens> {
        use ErrorKind as Kind;
        let kinds = [
            Kind::InvalidInput,
            Kind::Unauthorized,
            Kind::NotFound,
            Kind::Rejected,
            Kind::Unavailable,
            Kind::OutcomeUnknown,
            Kind::NotUnderstood,
            Kind::Denied,
            Kind::Internal,
        ];
        prop_oneof![
            4 => Just(Happens::Runs),
            4 => prop::sample::select(kinds.to_vec()).prop_map(Happens::Fails),
            1 => Just(Happens::Traps),
            1 => prop::sample::select(vec![Shutdown::Cancel, Shutdown::Detach]).prop_map(Happens::IsUnwanted),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_a_run_is_triggered_once(
            happens in prop::collection::vec(happens(), 0..40),
            cancel in any::<bool>(),
        ) {
            let (calls, _) = calls(PollPolicy { cancel, ..PollPolicy::default() }, happens);
            prop_assert_eq!(calls[0], Function::Trigger);
            prop_assert!(!calls[1..].contains(&Function::Trigger), "{:?}", calls);
        }

        #[test]
        fn a_run_is_cancelled_only_where_it_is_no_longer_wanted(
            happens in prop::collection::vec(happens(), 0..40),
        ) {
            let unwanted = happens.iter().any(|happens| matches!(happens, Happens::IsUnwanted(Shutdown::Cancel)));
            let (calls, _) = calls(PollPolicy::default(), happens);
            prop_assert!(unwanted || !calls.contains(&Function::Cancel), "{:?}", calls);
        }
    }

    #[test]
    fn an_error_that_may_pass_is_polled_over_and_one_that_cannot_ends_the_watch() {
        use Function::{Poll, Trigger};
        let (made, end) =
            calls(PollPolicy::default(), [Happens::Runs, Happens::Fails(ErrorKind::Unavailable), Happens::Runs]);
        assert_eq!(made, [Trigger, Poll, Poll, Poll]);
        assert!(matches!(end, WatchEnd::Finished(_)), "{end:?}");
        let (made, end) = calls(PollPolicy::default(), [Happens::Runs, Happens::Fails(ErrorKind::NotFound)]);
        assert_eq!(made, [Trigger, Poll]);
        assert!(matches!(end, WatchEnd::Failed(_)), "{end:?}");
    }
}
