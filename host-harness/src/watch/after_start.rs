//! The decision after a call that may start a run: poll, settle, retry or give up.

use crate::contract::{ErrorKind, Finished, Progress, Running};
use crate::{Call, CallError};

/// The decision after a `trigger` or a `settle`. It is made here only, so that no run is started twice.
#[derive(Clone, Debug, PartialEq)]
pub enum AfterStart {
    /// The run goes on: store it, then poll.
    Watch(Running),
    /// The run has ended, or nothing was to be started.
    Finished(Finished),
    /// The outcome is unknown: call `settle` later.
    Settle(CallError),
    /// No run was started, and a retry is safe.
    Retry(CallError),
    /// No run was started, and a retry would not help.
    Failed(CallError),
    /// The outcome is unknown, and only a person can find out.
    Unknown(CallError),
}

/// The options after a start that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recourse {
    /// True if the plugin can settle a trigger of unknown outcome: [`Plugin::offers`](crate::Plugin::offers)
    /// [`Function::Settle`](crate::Function::Settle).
    pub settlement: bool,
    /// True if another trigger is allowed.
    pub retry: bool,
}

impl AfterStart {
    /// The decision after a `trigger`.
    pub fn of_trigger(call: Call<Progress>, recourse: Recourse) -> Self {
        let may_have_started = call.may_have_started();
        Self::triggered(call.outcome, may_have_started, recourse)
    }

    /// The decision after a `settle`. If it failed, the outcome of the trigger is as unknown as before.
    pub fn of_settle(call: Call<Progress>) -> Self {
        let may_have_started = call.may_have_started();
        Self::settled(call.outcome, may_have_started)
    }

    fn triggered(outcome: Result<Progress, CallError>, may_have_started: bool, recourse: Recourse) -> Self {
        match outcome {
            Ok(progress) => progress.into(),
            Err(error) if may_have_started && recourse.settlement => Self::Settle(error),
            Err(error) if may_have_started => Self::Unknown(error),
            Err(error) if error.may_pass() && recourse.retry => Self::Retry(error),
            Err(error) => Self::Failed(error),
        }
    }

    fn settled(outcome: Result<Progress, CallError>, may_have_started: bool) -> Self {
        match outcome {
            Ok(progress) => progress.into(),
            // The tool refused the trigger, because another run was in its way.
            Err(error) if is_refusal(&error) => Self::Failed(error),
            Err(error) if may_have_started || error.may_pass() || has_crashed(&error) => Self::Settle(error),
            // The outcome of the trigger is still unknown.
            Err(error) => Self::Unknown(error),
        }
    }
}

impl From<Progress> for AfterStart {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Running(running) => Self::Watch(running),
            Progress::Finished(finished) => Self::Finished(finished),
        }
    }
}

/// True if the tool refused the trigger. Other rejections, such as of a request that only reads, say nothing about it.
fn is_refusal(error: &CallError) -> bool {
    error.task_error().is_some_and(|error| error.kind == ErrorKind::Rejected && error.code == "already_running")
}

/// True if the plugin is at fault. One odd answer may be the cause, so it says nothing about the trigger.
fn has_crashed(error: &CallError) -> bool {
    matches!(error, CallError::BrokenContract { .. } | CallError::Trapped { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Function;
    use crate::contract::TaskError;
    use crate::contract::sample::task_error;

    const ALL: Recourse = Recourse { settlement: true, retry: true };
    const NONE: Recourse = Recourse { settlement: false, retry: false };

    fn refused(kind: ErrorKind) -> CallError {
        CallError::Task(task_error(kind))
    }

    fn trapped() -> CallError {
        CallError::Trapped { function: Function::Trigger, reason: "unreachable".to_owned() }
    }

    fn after(function: Function, error: &CallError, may_have_started: bool, recourse: Recourse) -> &'static str {
        let outcome = Err(error.clone());
        let next = match function {
            Function::Settle => AfterStart::settled(outcome, may_have_started),
            _ => AfterStart::triggered(outcome, may_have_started, recourse),
        };
        match next {
            AfterStart::Watch(_) => "watch",
            AfterStart::Finished(_) => "finished",
            AfterStart::Settle(_) => "settle",
            AfterStart::Retry(_) => "again",
            AfterStart::Failed(_) => "failed",
            AfterStart::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn what_the_tool_refused_fails_whatever_is_offered() {
        use ErrorKind::{Denied, InvalidInput, NotFound, Rejected, Unauthorized};
        for kind in [InvalidInput, Unauthorized, NotFound, Rejected, Denied] {
            assert_eq!(after(Function::Trigger, &refused(kind), false, ALL), "failed", "{kind:?}");
        }
    }

    #[test]
    fn a_trigger_that_may_have_started_a_run_is_settled_or_left_to_a_person_and_never_repeated() {
        use ErrorKind::{Internal, NotUnderstood, OutcomeUnknown, Rejected, Unavailable};
        let errors = [OutcomeUnknown, NotUnderstood, Unavailable, Internal, Rejected].map(refused);
        for error in errors.into_iter().chain([trapped()]) {
            assert_eq!(after(Function::Trigger, &error, true, ALL), "settle");
            assert_eq!(after(Function::Trigger, &error, true, Recourse { retry: true, ..NONE }), "unknown");
        }
    }

    #[test]
    fn a_trigger_that_started_nothing_fails_at_once_or_is_tried_again_where_the_task_allows_it_and_that_may_help() {
        for error in [refused(ErrorKind::Unavailable), refused(ErrorKind::NotUnderstood)] {
            assert_eq!(after(Function::Trigger, &error, false, Recourse { retry: false, ..ALL }), "failed");
            assert_eq!(after(Function::Trigger, &error, false, ALL), "again");
        }
        for error in [trapped(), refused(ErrorKind::Internal)] {
            assert_eq!(after(Function::Trigger, &error, false, ALL), "failed");
        }
    }

    #[test]
    fn settling_goes_on_until_it_is_settled_or_refused() {
        for kind in [ErrorKind::Unavailable, ErrorKind::OutcomeUnknown, ErrorKind::NotUnderstood] {
            for may_have_started in [false, true] {
                assert_eq!(after(Function::Settle, &refused(kind), may_have_started, NONE), "settle");
            }
        }
        assert_eq!(after(Function::Settle, &trapped(), false, NONE), "settle");
        let CallError::Task(rejected) = refused(ErrorKind::Rejected) else { panic!() };
        let busy = CallError::Task(TaskError { code: "already_running".to_owned(), ..rejected });
        assert_eq!(after(Function::Settle, &busy, false, ALL), "failed");
        assert_eq!(after(Function::Settle, &refused(ErrorKind::Rejected), false, ALL), "unknown");
        assert_eq!(after(Function::Settle, &refused(ErrorKind::Unauthorized), false, ALL), "unknown");
    }
}
