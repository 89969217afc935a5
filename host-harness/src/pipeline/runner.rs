//! Runs the tasks of a pipeline, each when its time has come, from wherever the store says that they stand.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;

use super::account::{self, Accounts};
use super::event::{TaskEvent, What};
use super::journal::{Halt, Journal};
use super::schedule::{Node, Schedule, Standing, Step};
use super::task_run::{Sent, Stage, TaskEnd, TaskRun};
use super::{ReadyPipeline, ReadyTask};
use crate::Clock;
use crate::store::{self, AttemptError, Outcome, PipelineRunId, Store, TaskState};

/// How patient the watch over the runs is, and what it does when nobody wants them any more.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The least time between two polls of a run.
    pub interval: Duration,
    /// Whether `interval` alone counts, whatever the plugin asks for and the tool allows: for simulators.
    pub ignore_hint: bool,
    /// Whether runs are cancelled when the pipeline is no longer wanted. Otherwise all is left as it stands, to be resumed.
    pub cancel: bool,
}

/// What became of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelineEnd {
    /// It has ended, as badly as the worst of its tasks.
    Ended(Outcome),
    /// Some of it is left as it stands: it can be resumed.
    Left,
}

/// A pipeline and what it needs to be run.
pub struct Runner<C> {
    /// The pipeline.
    pub pipeline: ReadyPipeline,
    /// Where it is kept.
    pub store: Store,
    /// Which run of it.
    pub id: PipelineRunId,
    /// Where the time comes from.
    pub clock: C,
    /// How patient to be.
    pub patience: Patience,
    /// Becomes true when nobody wants the pipeline any more.
    pub unwanted: Receiver<bool>,
}

impl<C: Clock + 'static> Runner<C> {
    /// Runs what has not ended yet, to its end. What `observe` is told is in the store before.
    ///
    /// The caller holds the lock of the run, and begins and resumes in the same way: all that has happened is in the store.
    pub async fn run(self, observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static) -> Result<PipelineEnd, Halt> {
        let Self { pipeline, store, id, clock, patience, mut unwanted } = self;
        let observe = Arc::new(observe);
        let wanted = unwanted.clone();
        let kept = store.pipeline_run(id)?;
        let secret = store.account_key()?;
        let journal = Journal::new(store, Arc::new(clock));
        let accounts = Accounts::default();
        let tasks: Vec<Arc<ReadyTask>> = pipeline.tasks.into_iter().map(Arc::new).collect();
        let nodes = tasks.iter().zip(&kept.tasks).map(|(task, kept)| Node {
            name: task.name.clone(),
            after: task.after.clone(),
            on_failure: task.on_failure,
            standing: match kept.state {
                TaskState::Waiting => Standing::Waiting,
                TaskState::Ended(outcome) => Standing::Ended(outcome),
                _ => Standing::Started,
            },
        });
        let mut schedule = Schedule::new(nodes.collect());
        let mut running = JoinSet::new();
        let start = |running: &mut JoinSet<_>, index: usize| {
            let (task, kept) = (Arc::clone(&tasks[index]), &kept.tasks[index]);
            let key = account::key(&secret, task.plugin.grants(), &task.arguments);
            let observe = Arc::clone(&observe);
            let now = journal.now();
            let spent = kept.attempts.first().map(|first| since(first.intended_at, now)).unwrap_or_default();
            let stage = stage(kept, now, journal.clock.now());
            let run = TaskRun {
                id: kept.id,
                until: journal.clock.now().saturating_add(task.timeout.saturating_sub(spent)),
                account: accounts.get(key, task.descriptor.poll_budget.as_ref()).filter(|_| !patience.ignore_hint),
                task,
                journal: journal.clone(),
                patience,
                observe: move |what: What<'_>| observe(TaskEvent { task: index, what }),
                unwanted: wanted.clone(),
            };
            running.spawn(async move { (index, run.live(stage).await) });
        };
        for (index, kept) in kept.tasks.iter().enumerate() {
            if !matches!(kept.state, TaskState::Waiting | TaskState::Ended(_)) {
                start(&mut running, index);
            }
        }
        let (mut interrupted, mut left) = (false, false);
        loop {
            if !interrupted || patience.cancel {
                for step in schedule.next() {
                    match step {
                        Step::Start(index) => start(&mut running, index),
                        Step::Drop(index, reason) => {
                            let (task, text) = (kept.tasks[index].id, reason.clone());
                            journal
                                .write(move |store, now| store.task_ended(task, Outcome::NotRun, &text, now))
                                .await?;
                            let what = What::Ended { outcome: Outcome::NotRun, message: &reason };
                            observe(TaskEvent { task: index, what });
                        }
                    }
                }
            }
            tokio::select! {
                biased;
                joined = running.join_next() => match joined {
                    None => break,
                    Some(Ok((index, end))) => match end? {
                        TaskEnd::Ended(outcome) => schedule.ended(index, outcome),
                        TaskEnd::Left => left = true,
                    },
                    Some(Err(fault)) => return Err(Halt::Fault(fault.to_string())),
                },
                Ok(()) = wait_for(&mut unwanted), if !interrupted => {
                    interrupted = true;
                    if patience.cancel {
                        schedule.stop("the pipeline was interrupted");
                    }
                }
            }
        }
        if left || !schedule.is_done() {
            return Ok(PipelineEnd::Left);
        }
        let outcome = if interrupted { Outcome::Interrupted } else { schedule.outcome() };
        journal.write(move |store, now| store.pipeline_ended(id, outcome, now)).await?;
        Ok(PipelineEnd::Ended(outcome))
    }
}

async fn wait_for(unwanted: &mut Receiver<bool>) -> Result<(), ()> {
    unwanted.wait_for(|unwanted| *unwanted).await.map(drop).map_err(drop)
}

/// Where a task goes on.
fn stage(task: &store::TaskRun, now: Timestamp, clock: Duration) -> Stage {
    let Some(last) = task.attempts.last() else {
        return Stage::Start { number: 1, wait: Duration::ZERO };
    };
    let number = last.number;
    match (&task.state, &last.run) {
        (TaskState::Running, Some(run)) => Stage::Watch {
            number,
            attempt: last.id,
            run: run.clone(),
            wait: last.next_poll_at.map(|then| until(then, now)).unwrap_or_default().min(LONGEST),
        },
        (TaskState::Retrying, _) => Stage::Start {
            number: number + 1,
            wait: task.retry_at.map(|then| until(then, now)).unwrap_or_default().min(LONGEST),
        },
        _ => Stage::Settle {
            number,
            attempt: last.id,
            sent: match age(last.intended_at, task.changed_at, now) {
                Some(age) => Sent::Ago { age, at: clock },
                None => Sent::Unknown,
            },
            failures: 0,
            error: last.error.clone().unwrap_or_else(|| AttemptError {
                kind: "outcome_unknown".to_owned(),
                code: "no_answer".to_owned(),
                message: "the host was ended before the answer to the trigger was stored".to_owned(),
                raw_message: None,
                http_status: None,
            }),
        },
    }
}

/// The longest wait that a store is believed: the clock may have been set back since it was written.
const LONGEST: Duration = Duration::from_mins(10);

/// How far back the clock may be set without being noticed as such: what keeping it right does.
const SLACK: Duration = Duration::from_secs(2);

fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

fn until(then: Timestamp, now: Timestamp) -> Duration {
    since(now, then)
}

/// How long ago a trigger was about to be sent. None where the clock has been set back since the store was written.
fn age(intended_at: Timestamp, changed_at: Timestamp, now: Timestamp) -> Option<Duration> {
    (until(changed_at, now) <= SLACK).then(|| since(intended_at, now))
}
