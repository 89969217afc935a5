//! What follows from the answer to a trigger, or from its absence.

use crate::contract::{ErrorKind, Finished, Progress, Running};
use crate::{CallError, Function};

/// What to do after a call that starts a run: `trigger` or `settle`.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// The run goes on: watch it.
    Watch(Running),
    /// The run has ended.
    Finished(Finished),
    /// Nobody knows whether a run was started: find out.
    Settle(CallError),
    /// No run was started, and another attempt is safe.
    Again(CallError),
    /// No run was started, and another attempt would not help.
    Failed(CallError),
    /// Nobody knows whether a run was started, and only a person can find out.
    Unknown(CallError),
}

/// What a call that failed has done.
enum Effect {
    /// It has started nothing, and would not the next time.
    Nothing,
    /// The contract says that it may be repeated.
    Repeatable,
    Unknown,
}

/// What the plugin offers and the task allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Means {
    /// Whether the plugin can settle a trigger whose outcome is unknown.
    pub(crate) settlement: bool,
    /// Whether another attempt is allowed.
    pub(crate) retry: bool,
}

/// Decides. `sent` says whether the call sent any request.
pub(crate) fn next(function: Function, outcome: Result<Progress, CallError>, sent: bool, means: Means) -> Next {
    let error = match outcome {
        Ok(Progress::Running(running)) => return Next::Watch(running),
        Ok(Progress::Finished(finished)) => return Next::Finished(finished),
        Err(error) => error,
    };
    match (function, effect(&error, sent)) {
        // The tool refused what was to be settled, because of another run.
        (Function::Settle, Effect::Nothing) if is_refusal(&error) => Next::Failed(error),
        // What it was to settle is as unknown as before.
        (Function::Settle, Effect::Nothing) => Next::Unknown(error),
        (Function::Settle, _) => Next::Settle(error),
        (_, Effect::Nothing) => Next::Failed(error),
        (_, Effect::Repeatable) if !means.retry => Next::Failed(error),
        // To settle is at least as safe as to repeat: it looks first.
        (_, Effect::Repeatable) if sent && means.settlement => Next::Settle(error),
        (_, Effect::Repeatable) => Next::Again(error),
        (_, Effect::Unknown) if means.settlement => Next::Settle(error),
        (_, Effect::Unknown) => Next::Unknown(error),
    }
}

/// Not whatever is rejected: a look that is not allowed says nothing of the trigger.
fn is_refusal(error: &CallError) -> bool {
    error.task_error().is_some_and(|error| error.kind == ErrorKind::Rejected && error.code == "already_running")
}

fn effect(error: &CallError, sent: bool) -> Effect {
    match error {
        CallError::Task(error) => match error.kind {
            ErrorKind::Unavailable => Effect::Repeatable,
            ErrorKind::OutcomeUnknown | ErrorKind::NotUnderstood => Effect::Unknown,
            ErrorKind::Internal if sent => Effect::Unknown,
            ErrorKind::Internal
            | ErrorKind::InvalidInput
            | ErrorKind::Unauthorized
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::Denied => Effect::Nothing,
        },
        CallError::NotMade { .. } => Effect::Repeatable,
        CallError::LimitExceeded { .. } | CallError::BrokenContract { .. } | CallError::Trapped { .. } if sent => {
            Effect::Unknown
        }
        CallError::NotOffered { .. }
        | CallError::LimitExceeded { .. }
        | CallError::BrokenContract { .. }
        | CallError::Trapped { .. } => Effect::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::TaskError;

    const ALL: Means = Means { settlement: true, retry: true };
    const NONE: Means = Means { settlement: false, retry: false };

    fn refused(kind: ErrorKind) -> CallError {
        CallError::Task(TaskError {
            kind,
            code: "code".to_owned(),
            message: "message".to_owned(),
            raw_message: None,
            http_status: None,
            retry_after_ms: None,
        })
    }

    fn trapped() -> CallError {
        CallError::Trapped { function: Function::Trigger, reason: "unreachable".to_owned() }
    }

    fn after(function: Function, error: &CallError, sent: bool, means: Means) -> &'static str {
        match next(function, Err(error.clone()), sent, means) {
            Next::Watch(_) => "watch",
            Next::Finished(_) => "finished",
            Next::Settle(_) => "settle",
            Next::Again(_) => "again",
            Next::Failed(_) => "failed",
            Next::Unknown(_) => "unknown",
        }
    }

    #[test]
    fn what_the_tool_refused_fails_whatever_is_offered() {
        use ErrorKind::{Denied, InvalidInput, NotFound, Rejected, Unauthorized};
        for kind in [InvalidInput, Unauthorized, NotFound, Rejected, Denied] {
            assert_eq!(after(Function::Trigger, &refused(kind), true, ALL), "failed", "{kind:?}");
        }
    }

    #[test]
    fn a_trigger_whose_outcome_is_unknown_is_settled_or_left_to_a_person_and_never_repeated() {
        for error in [refused(ErrorKind::OutcomeUnknown), refused(ErrorKind::NotUnderstood), trapped()] {
            assert_eq!(after(Function::Trigger, &error, true, ALL), "settle");
            assert_eq!(after(Function::Trigger, &error, true, Means { retry: true, ..NONE }), "unknown");
        }
    }

    #[test]
    fn a_plugin_that_crashed_before_it_sent_anything_has_started_nothing() {
        for error in [trapped(), refused(ErrorKind::Internal)] {
            assert_eq!(after(Function::Trigger, &error, false, ALL), "failed");
        }
    }

    #[test]
    fn a_tool_out_of_order_is_tried_again_where_the_task_allows_it_and_looked_at_first_where_that_is_possible() {
        let error = refused(ErrorKind::Unavailable);
        assert_eq!(after(Function::Trigger, &error, true, NONE), "failed");
        assert_eq!(after(Function::Trigger, &error, true, Means { retry: true, ..NONE }), "again");
        assert_eq!(after(Function::Trigger, &error, true, ALL), "settle");
        assert_eq!(after(Function::Trigger, &error, false, ALL), "again");
    }

    #[test]
    fn settling_goes_on_until_it_is_settled_or_refused() {
        for kind in [ErrorKind::Unavailable, ErrorKind::OutcomeUnknown, ErrorKind::NotUnderstood] {
            assert_eq!(after(Function::Settle, &refused(kind), true, NONE), "settle");
        }
        let CallError::Task(rejected) = refused(ErrorKind::Rejected) else { panic!() };
        let busy = CallError::Task(TaskError { code: "already_running".to_owned(), ..rejected });
        assert_eq!(after(Function::Settle, &busy, true, ALL), "failed");
        assert_eq!(after(Function::Settle, &refused(ErrorKind::Rejected), true, ALL), "unknown");
        assert_eq!(after(Function::Settle, &refused(ErrorKind::Unauthorized), true, ALL), "unknown");
    }
}
