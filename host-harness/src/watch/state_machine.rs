//! The state machine of a watched run: decides what to do next. The [watch loop](crate::watch::watch_loop) does it.

use std::time::Duration;

use crate::contract::{Finished, Progress, Report};
use crate::watch::shutdown::Shutdown;
use crate::{CallError, Function, Limit, PollPolicy};

/// The error code of a plugin that refuses to cancel a run because the task was only attached to it.
const ATTACHED: &str = "attached";

/// The most calls in a row that may end at one of the plugin's own limits, such as its memory. One odd answer may be
/// the cause, so such a call is retried, but not for ever.
const LIMITS_IN_A_ROW: u32 = 10;

/// The state of a watched run. Takes the time as an argument and does no I/O.
#[derive(Debug)]
pub struct Watch {
    policy: PollPolicy,
    /// The end of the timeout.
    until: Duration,
    /// The run that the plugin returned last.
    run: Option<String>,
    report: Option<Report>,
    /// The time between two polls without failures.
    rhythm: Duration,
    /// The number of failed calls in a row.
    failures: u32,
    /// The number of those that ended at a limit.
    limits: u32,
    cancelled: bool,
}

/// The next action of a watch.
#[derive(Debug, PartialEq)]
pub enum WatchAction {
    /// Call this function of the plugin, with the run.
    Call(Function),
    /// Wait until a point in time, then call.
    Wait {
        /// That point in time, by the clock of the `now` that the watch gets.
        until: Duration,
        /// The call to make then.
        then: Function,
    },
    /// The watch has ended.
    End(WatchEnd),
}

/// The end of a watch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WatchEnd {
    /// The plugin reports how the run ended.
    Finished(Finished),
    /// A call failed, and a retry does not help. It says nothing about the run.
    Failed(CallError),
    /// The next poll would come after the timeout. The run goes on.
    TimedOut {
        /// The timeout.
        timeout: Duration,
    },
    /// The run is no longer wanted, but goes on.
    Left {
        /// True if the plugin could have cancelled it.
        cancellable: bool,
    },
    /// The run is no longer wanted, but goes on: the task was only attached to it, so the plugin refused to cancel it,
    /// with the code `attached`.
    NotOurs(CallError),
}

impl Watch {
    /// Starts the watch of a run: one still to be triggered, or one triggered before.
    pub fn new(policy: PollPolicy, now: Duration, run: Option<String>) -> Self {
        Self {
            until: now.saturating_add(policy.timeout),
            rhythm: policy.interval,
            policy,
            run,
            report: None,
            failures: 0,
            limits: 0,
            cancelled: false,
        }
    }

    /// Takes the outcome of a call, and returns the next action.
    pub fn answered(&mut self, now: Duration, function: Function, outcome: Result<Progress, CallError>) -> WatchAction {
        match outcome {
            Ok(Progress::Finished(finished)) => WatchAction::End(WatchEnd::Finished(finished)),
            Ok(Progress::Running(running)) => {
                self.rhythm = self.policy.wait(Duration::from_millis(running.poll_after_ms));
                (self.failures, self.limits) = (0, 0);
                self.run = Some(running.run);
                self.report = Some(running.report);
                self.wait(now, self.rhythm, Function::Poll)
            }
            Err(CallError::NotOffered { .. }) => WatchAction::End(WatchEnd::Left { cancellable: false }),
            Err(error) if function == Function::Cancel && error.code() == ATTACHED => {
                WatchAction::End(WatchEnd::NotOurs(error))
            }
            // A call that may start a run is never retried here, whatever its error says.
            Err(error) if matches!(function, Function::Trigger | Function::Settle) => {
                WatchAction::End(WatchEnd::Failed(error))
            }
            Err(error) if !self.may_pass(&error) => match function {
                // The run may have ended before it could be cancelled: the next poll tells.
                Function::Cancel => self.wait(now, self.rhythm, Function::Poll),
                _ => WatchAction::End(WatchEnd::Failed(error)),
            },
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let asked = error.task_error().and_then(|error| error.retry_after_ms);
                let asked = asked.map(Duration::from_millis);
                let wait = self.policy.retry(self.rhythm, self.failures, asked);
                self.wait(now, wait, function)
            }
        }
    }

    /// Shuts down a run that is no longer wanted: cancels it, or leaves it.
    pub fn unwanted(&mut self, now: Duration, shutdown: Shutdown) -> WatchAction {
        if !self.policy.cancel || shutdown == Shutdown::Detach {
            return WatchAction::End(WatchEnd::Left { cancellable: true });
        }
        self.cancelled = true;
        (self.failures, self.limits) = (0, 0);
        self.until = now.saturating_add(self.policy.cancel_timeout);
        WatchAction::Call(Function::Cancel)
    }

    /// The run that the plugin returned last.
    pub fn run(&self) -> Option<&str> {
        self.run.as_deref()
    }

    /// The run that the plugin returned last, and its report.
    pub fn into_known(self) -> (Option<String>, Option<Report>) {
        (self.run, self.report)
    }

    /// The end of the timeout.
    pub fn until(&self) -> Duration {
        self.until
    }

    /// The action once the timeout has passed.
    pub fn overdue(&self) -> WatchAction {
        let timeout = if self.cancelled { self.policy.cancel_timeout } else { self.policy.timeout };
        WatchAction::End(WatchEnd::TimedOut { timeout })
    }

    fn wait(&self, now: Duration, wait: Duration, then: Function) -> WatchAction {
        let until = now.saturating_add(wait);
        if until > self.until { self.overdue() } else { WatchAction::Wait { until, then } }
    }

    /// True if a failed poll or cancel is retried: if it [may pass](CallError::may_pass), or ended at a limit of the
    /// plugin's own, at most [`LIMITS_IN_A_ROW`] times in a row.
    fn may_pass(&mut self, error: &CallError) -> bool {
        if let CallError::LimitExceeded { exceeded, .. } = error
            && exceeded.limit != Limit::Call
        {
            self.limits += 1;
            return self.limits <= LIMITS_IN_A_ROW;
        }
        error.may_pass()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::contract::sample::{report, task_error};
    use crate::contract::{ErrorKind, Running, TaskError, Verdict};

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn running(run: &str, poll_after: Duration) -> Progress {
        Progress::Running(Running {
            run: run.to_owned(),
            poll_after_ms: poll_after.as_millis().try_into().unwrap(),
            report: report(),
        })
    }

    fn finished() -> Finished {
        Finished { verdict: Verdict::Succeeded, report: report() }
    }

    fn failed(kind: ErrorKind) -> CallError {
        retry_after(kind, None)
    }

    fn retry_after(kind: ErrorKind, retry_after: Option<Duration>) -> CallError {
        let retry_after_ms = retry_after.map(|wait| wait.as_millis().try_into().unwrap());
        CallError::Task(TaskError { retry_after_ms, ..task_error(kind) })
    }

    fn wait(until: Duration, then: Function) -> WatchAction {
        WatchAction::Wait { until, then }
    }

    /// The watch of a run that was triggered at 0 and is polled every 20 s.
    fn triggered(policy: PollPolicy) -> Watch {
        let mut watch = Watch::new(policy, s(0), None);
        let action = watch.answered(s(0), Function::Trigger, Ok(running("r1", s(20))));
        assert_eq!(action, wait(s(20), Function::Poll));
        watch
    }

    #[test]
    fn a_run_is_polled_when_its_plugin_says_until_it_has_finished() {
        let mut watch = triggered(PollPolicy::default());
        let action = watch.answered(s(20), Function::Poll, Ok(running("r2", s(30))));
        assert_eq!((action, watch.run()), (wait(s(50), Function::Poll), Some("r2")));
        let action = watch.answered(s(51), Function::Poll, Ok(Progress::Finished(finished())));
        assert_eq!(action, WatchAction::End(WatchEnd::Finished(finished())));
    }

    #[test]
    fn a_trigger_is_never_repeated() {
        for kind in [ErrorKind::Unavailable, ErrorKind::OutcomeUnknown, ErrorKind::NotUnderstood] {
            let mut watch = Watch::new(PollPolicy::default(), s(0), None);
            let action = watch.answered(s(0), Function::Trigger, Err(failed(kind)));
            assert_eq!(action, WatchAction::End(WatchEnd::Failed(failed(kind))));
        }
    }

    #[test]
    fn a_poll_error_that_may_pass_is_ridden_out() {
        let exceeded = Limits::default().exceeded(Limit::Call);
        let deadline = CallError::LimitExceeded { function: Function::Poll, exceeded };
        for error in [
            failed(ErrorKind::Unavailable),
            failed(ErrorKind::OutcomeUnknown),
            failed(ErrorKind::NotUnderstood),
            deadline,
        ] {
            let mut watch = triggered(PollPolicy::default());
            let first = watch.answered(s(20), Function::Poll, Err(error.clone()));
            let second = watch.answered(s(40), Function::Poll, Err(error));
            let third = watch.answered(s(80), Function::Poll, Ok(running("r1", s(20))));
            let waits = [first, second, third];
            assert_eq!(waits, [s(40), s(80), s(100)].map(|until| wait(until, Function::Poll)));
        }
    }

    /// The error of a call that exceeded a limit.
    fn past(function: Function, limit: Limit) -> CallError {
        CallError::LimitExceeded { function, exceeded: Limits::default().exceeded(limit) }
    }

    /// Lets this many polls in a row exceed a limit; each must be retried.
    fn polls_past(watch: &mut Watch, limit: Limit, times: u32) {
        for _ in 0..times {
            let action = watch.answered(s(20), Function::Poll, Err(past(Function::Poll, limit)));
            assert!(matches!(action, WatchAction::Wait { then: Function::Poll, .. }), "{action:?}");
        }
    }

    #[test]
    fn a_poll_that_an_answer_drove_into_a_limit_is_made_again_later_each_time() {
        for limit in [Limit::Memory, Limit::Cpu, Limit::Stack, Limit::Answer, Limit::Handles, Limit::Requests] {
            let mut watch = triggered(PollPolicy::default());
            let error = past(Function::Poll, limit);
            let first = watch.answered(s(20), Function::Poll, Err(error.clone()));
            let second = watch.answered(s(40), Function::Poll, Err(error));
            let third = watch.answered(s(80), Function::Poll, Ok(running("r1", s(20))));
            let waits = [first, second, third];
            assert_eq!(waits, [s(40), s(80), s(100)].map(|until| wait(until, Function::Poll)));
        }
    }

    #[test]
    fn a_poll_that_ends_at_a_limit_each_time_ends_the_watch() {
        let mut watch = triggered(PollPolicy::default());
        polls_past(&mut watch, Limit::Memory, LIMITS_IN_A_ROW);
        watch.answered(s(20), Function::Poll, Ok(running("r2", s(20))));
        polls_past(&mut watch, Limit::Memory, 3);
        // Other failures do not reset the count.
        watch.answered(s(20), Function::Poll, Err(failed(ErrorKind::Unavailable)));
        polls_past(&mut watch, Limit::Cpu, LIMITS_IN_A_ROW - 3);
        let error = past(Function::Poll, Limit::Cpu);
        let action = watch.answered(s(20), Function::Poll, Err(error.clone()));
        assert_eq!((action, watch.run()), (WatchAction::End(WatchEnd::Failed(error)), Some("r2")));
    }

    #[test]
    fn the_time_of_a_call_may_run_out_any_number_of_times() {
        polls_past(&mut triggered(PollPolicy::default()), Limit::Call, 100);
    }

    #[test]
    fn a_cancel_that_ends_at_a_limit_each_time_leaves_it_to_polls() {
        let mut watch = triggered(PollPolicy { cancel_timeout: s(100_000), ..PollPolicy::default() });
        watch.unwanted(s(5), Shutdown::Cancel);
        let mut cancelled = || watch.answered(s(5), Function::Cancel, Err(past(Function::Cancel, Limit::Memory)));
        for _ in 0..LIMITS_IN_A_ROW {
            let action = cancelled();
            assert!(matches!(action, WatchAction::Wait { then: Function::Cancel, .. }), "{action:?}");
        }
        assert_eq!(cancelled(), wait(s(25), Function::Poll));
    }

    #[test]
    fn a_poll_error_that_cannot_pass_ends_the_watch_and_keeps_the_run() {
        let trapped = CallError::Trapped { function: Function::Poll, reason: "wasm trap".to_owned() };
        for error in [
            failed(ErrorKind::InvalidInput),
            failed(ErrorKind::Unauthorized),
            failed(ErrorKind::NotFound),
            failed(ErrorKind::Rejected),
            failed(ErrorKind::Denied),
            failed(ErrorKind::Internal),
            trapped,
        ] {
            let mut watch = triggered(PollPolicy::default());
            let action = watch.answered(s(20), Function::Poll, Err(error.clone()));
            assert_eq!(action, WatchAction::End(WatchEnd::Failed(error)));
            assert_eq!(watch.into_known(), (Some("r1".to_owned()), Some(report())));
        }
    }

    #[test]
    fn a_tool_that_says_how_long_to_wait_is_left_alone_for_that_long() {
        let mut watch = triggered(PollPolicy::default());
        let error = retry_after(ErrorKind::Unavailable, Some(s(600)));
        let action = watch.answered(s(20), Function::Poll, Err(error));
        assert_eq!(action, wait(s(620), Function::Poll));
    }

    #[test]
    fn the_watch_gives_up_when_the_next_poll_would_come_too_late() {
        let policy = PollPolicy { timeout: s(50), ..PollPolicy::default() };
        let mut watch = triggered(policy);
        assert_eq!(watch.until(), s(50));
        let action = watch.answered(s(20), Function::Poll, Ok(running("r1", s(30))));
        assert_eq!(action, wait(s(50), Function::Poll));
        let action = watch.answered(s(50), Function::Poll, Ok(running("r1", s(1))));
        assert_eq!(action, WatchAction::End(WatchEnd::TimedOut { timeout: s(50) }));
    }

    #[test]
    fn an_endless_hint_times_out_and_does_not_overflow() {
        let mut watch = triggered(PollPolicy { timeout: Duration::MAX, ..PollPolicy::default() });
        let error = retry_after(ErrorKind::Unavailable, Some(Duration::from_millis(u64::MAX)));
        let action = watch.answered(s(20), Function::Poll, Err(error));
        assert!(matches!(action, WatchAction::Wait { .. }), "{action:?}");
    }

    #[test]
    fn a_run_that_was_only_attached_to_is_left_to_whose_it_is() {
        let mut watch = triggered(PollPolicy::default());
        watch.unwanted(s(5), Shutdown::Cancel);
        let CallError::Task(rejected) = failed(ErrorKind::Rejected) else { panic!() };
        let attached = CallError::Task(TaskError { code: "attached".to_owned(), ..rejected });
        let action = watch.answered(s(5), Function::Cancel, Err(attached.clone()));
        assert_eq!(action, WatchAction::End(WatchEnd::NotOurs(attached)));
    }

    #[test]
    fn a_run_that_is_not_wanted_is_cancelled_and_watched_to_its_end() {
        let mut watch = triggered(PollPolicy::default());
        assert_eq!(watch.unwanted(s(5), Shutdown::Cancel), WatchAction::Call(Function::Cancel));
        let action = watch.answered(s(5), Function::Cancel, Ok(running("r1", s(20))));
        assert_eq!(action, wait(s(25), Function::Poll));
    }

    #[test]
    fn a_cancel_that_fails_for_now_is_repeated() {
        let mut watch = triggered(PollPolicy::default());
        watch.unwanted(s(5), Shutdown::Cancel);
        let error = failed(ErrorKind::Unavailable);
        let action = watch.answered(s(5), Function::Cancel, Err(error));
        assert_eq!(action, wait(s(25), Function::Cancel));
    }

    #[test]
    fn a_cancelled_run_is_watched_no_longer_than_the_policy_says() {
        let mut watch = triggered(PollPolicy { cancel_timeout: s(30), ..PollPolicy::default() });
        watch.unwanted(s(5), Shutdown::Cancel);
        assert_eq!(watch.until(), s(35));
        let action = watch.answered(s(5), Function::Cancel, Ok(running("r1", s(31))));
        assert_eq!(action, WatchAction::End(WatchEnd::TimedOut { timeout: s(30) }));
    }

    #[test]
    fn a_run_that_its_plugin_cannot_cancel_is_left() {
        let mut watch = triggered(PollPolicy::default());
        watch.unwanted(s(5), Shutdown::Cancel);
        let error = CallError::NotOffered { function: Function::Cancel };
        let action = watch.answered(s(5), Function::Cancel, Err(error));
        assert_eq!(action, WatchAction::End(WatchEnd::Left { cancellable: false }));
    }

    #[test]
    fn a_run_that_the_policy_does_not_cancel_is_left() {
        let mut watch = triggered(PollPolicy { cancel: false, ..PollPolicy::default() });
        assert_eq!(watch.unwanted(s(5), Shutdown::Cancel), WatchAction::End(WatchEnd::Left { cancellable: true }));
    }
}
