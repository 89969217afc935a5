//! Where a task stands, and where one goes on that is taken up from the store.

use std::time::Duration;

use jiff::Timestamp;

use super::intent::{Intent, since, wall};
use crate::Clock;
use crate::store::{AttemptError, AttemptId, TaskRun, TaskState};

/// The longest wait that a store is believed.
const LONGEST: Duration = Duration::from_mins(10);

/// How long after a trigger its tool is given to show what became of it: a request may still be on its way.
const SHOWN_AFTER: Duration = Duration::from_secs(10);

/// Where a task stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// An attempt begins after this wait.
    Start { number: u32, wait: Duration },
    /// It is to be found out, after this wait, whether an attempt's trigger started a run.
    Settle { number: u32, attempt: AttemptId, doubt: Doubt, wait: Duration },
    /// A run goes on, and is next polled after this wait.
    Watch { number: u32, attempt: AttemptId, run: String, wait: Duration },
}

/// A trigger that may have started a run.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) intent: Intent,
    /// Calls that did not settle it.
    pub(crate) failures: u32,
    /// Why it is not known, or still not.
    pub(crate) error: AttemptError,
}

impl Stage {
    /// Where a task goes on.
    pub(crate) fn of(task: &TaskRun, clock: &impl Clock) -> Self {
        let Some(last) = task.attempts.last() else {
            return Self::Start { number: 1, wait: Duration::ZERO };
        };
        let number = last.number;
        // The clock may have been set back since it was written.
        let until =
            |then: Option<Timestamp>| then.map(|then| since(wall(clock), then)).unwrap_or_default().min(LONGEST);
        match (&task.state, &last.run) {
            (TaskState::Running, Some(run)) => {
                Self::Watch { number, attempt: last.id, run: run.clone(), wait: until(last.next_poll_at) }
            }
            (TaskState::Retrying, _) => Self::Start { number: number + 1, wait: until(task.retry_at) },
            _ => {
                let intent = Intent { at: last.intended_at, uptime: last.uptime.clone(), written: task.changed_at };
                let age = intent.age(clock).unwrap_or_default();
                let error = last.error.clone().unwrap_or_else(|| AttemptError {
                    kind: "outcome_unknown".to_owned(),
                    code: "no_answer".to_owned(),
                    message: "the host was ended before the answer to the trigger was stored".to_owned(),
                    raw_message: None,
                    http_status: None,
                });
                let doubt = Doubt { intent, failures: 0, error };
                Self::Settle { number, attempt: last.id, doubt, wait: SHOWN_AFTER.saturating_sub(age) }
            }
        }
    }
}
