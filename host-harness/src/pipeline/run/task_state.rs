//! Where a task stands, and where one goes on that is taken up from the store.

use std::time::Duration;

use jiff::Timestamp;

use crate::Clock;
use crate::pipeline::run::wall_time::{since, system_time, wall};
use crate::store::{AttemptError, AttemptId, TaskRun, TaskState};
use crate::watch::trigger_record::TriggerRecord;

/// The longest wait that a store is believed.
const LONGEST: Duration = Duration::from_mins(10);

/// How long after a trigger its tool is given to show what became of it: a request may still be on its way.
const SHOWN_AFTER: Duration = Duration::from_secs(10);

/// Where a task stands.
#[derive(Debug)]
pub(crate) enum TaskStage {
    /// An attempt begins after this wait.
    Start { number: u32, wait: Duration },
    /// It is to be found out, after this wait, whether an attempt's trigger started a run.
    Settle { number: u32, attempt: AttemptId, doubt: UnsettledTrigger, wait: Duration },
    /// A run goes on, and is next polled after this wait.
    Watch { number: u32, attempt: AttemptId, run: String, wait: Duration },
}

/// A trigger that may have started a run.
#[derive(Clone, Debug)]
pub(crate) struct UnsettledTrigger {
    pub(crate) intent: TriggerRecord,
    pub(crate) tried: SettleAttempts,
    /// Why it is not known, or still not.
    pub(crate) error: AttemptError,
}

/// What was done to settle a trigger, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SettleAttempts {
    /// Calls that did not settle it.
    pub(crate) failures: u32,
    /// Those of them whose own request may have started a run, too.
    pub(crate) starts: u32,
}

impl SettleAttempts {
    /// The most calls that may each have started a run: a tool that fails at each for that long, some 50 minutes, is for a person
    /// to look at.
    const MOST_STARTS: u32 = 10;

    /// After one more call.
    pub(crate) fn and(self, may_have_started: bool) -> Self {
        Self { failures: self.failures + 1, starts: self.starts + u32::from(may_have_started) }
    }

    /// Whether another is to be made.
    pub(crate) fn goes_on(self) -> bool {
        self.starts < Self::MOST_STARTS
    }
}

impl TaskStage {
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
                let intent = TriggerRecord {
                    at: system_time(last.intended_at),
                    uptime: last.uptime.clone(),
                    written: system_time(task.changed_at),
                };
                let age = intent.age(clock).unwrap_or_default();
                let error = last.error.clone().unwrap_or_else(|| AttemptError {
                    kind: "outcome_unknown".to_owned(),
                    code: "no_answer".to_owned(),
                    message: "the host was ended before the answer to the trigger was stored".to_owned(),
                    raw_message: None,
                    http_status: None,
                });
                let doubt = UnsettledTrigger { intent, tried: SettleAttempts::default(), error };
                Self::Settle { number, attempt: last.id, doubt, wait: SHOWN_AFTER.saturating_sub(age) }
            }
        }
    }
}
