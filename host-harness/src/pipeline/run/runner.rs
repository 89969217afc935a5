//! The runner: runs the tasks of a pipeline by its schedule, from their stored states.

use std::sync::Arc;

use tokio::sync::watch::{self, Receiver};
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::Clock;
use crate::pipeline::ResolvedTask;
use crate::pipeline::run::event::{TaskEvent, What};
use crate::pipeline::run::journal::{Journal, RunnerError};
use crate::pipeline::run::pipeline::{Pipeline, RunOptions};
use crate::pipeline::run::schedule::{Node, Schedule, Standing, Step};
use crate::pipeline::run::task_run::{TaskEnd, TaskRun};
use crate::pipeline::run::task_state::TaskStage;
use crate::spans;
use crate::store::{Outcome, PipelineRun, TaskState};
use crate::watch::shutdown::Shutdown;

/// The end of a pipeline in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelineEnd {
    /// It has ended, with the worst outcome of its tasks.
    Ended(Outcome),
    /// Some of its tasks have not ended: it can be resumed.
    Left,
    /// As `Left`, because a resumed task's secret or grants are refused: a person has to fix its connection first.
    Refused,
}

/// A pipeline and the options to run it with.
pub(crate) struct Runner<C> {
    pub(crate) pipeline: Pipeline,
    pub(crate) options: RunOptions<C>,
}

impl<C: Clock + 'static> Runner<C> {
    /// Runs the tasks that have not ended, to their ends: see [`Pipeline::run`]. A start and a resume are the same,
    /// since all state is in the store.
    pub(crate) async fn run(
        self,
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> Result<PipelineEnd, RunnerError> {
        let PipelineRun { id, name, .. } = self.pipeline.record();
        let span = spans::pipeline_run(id.0, name);
        self.scheduled(observe).instrument(span).await
    }

    async fn scheduled(
        self,
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> Result<PipelineEnd, RunnerError> {
        let Pipeline { tasks: resolved, store, lock, record: kept, .. } = self.pipeline;
        let RunOptions { clock, accounts, policy, mut unwanted } = self.options;
        let (id, cancel) = (kept.id, policy.cancel);
        let observe = Arc::new(observe);
        let mix = store.account_key()?;
        let journal = Journal::new(store, Some(lock), Arc::new(clock));
        let (wish, wished) = watch::channel(Shutdown::Run);
        let mut tasks = Vec::new();
        for task in resolved {
            let kept = kept.tasks.iter().find(|kept| kept.name == task.name);
            let kept = kept.ok_or_else(|| RunnerError::Fault(format!("run {id} has no task {}", task.name)))?;
            tasks.push((Arc::new(task), kept));
        }
        let mut schedule = Schedule::new(tasks.iter().map(|(task, kept)| node(task, kept.state)).collect());
        let mut running = JoinSet::new();
        let start = |running: &mut JoinSet<_>, index: usize| {
            let (task, kept) = (Arc::clone(&tasks[index].0), tasks[index].1);
            let key = task.plugin.account_key(&mix, &task.descriptor, &task.arguments);
            let observe = Arc::clone(&observe);
            let stage = TaskStage::of(kept, &*journal.clock);
            let span = spans::task(kept.id.0, &task.name, &task.plugin_name());
            let run = TaskRun {
                id: kept.id,
                until: journal.clock.now().saturating_add(task.timeout),
                account: accounts
                    .get(key.to_string(), task.descriptor.poll_budget.as_ref())
                    .filter(|_| !policy.ignore_hint),
                task,
                journal: journal.clone(),
                policy: policy.clone(),
                observe: move |what: What<'_>| observe(TaskEvent { task: index, what }),
                wish: wished.clone(),
                resumed: kept.state != TaskState::Waiting,
            };
            running.spawn(async move { (index, run.live(stage).await) }.instrument(span));
        };
        let mut interrupted = *unwanted.borrow();
        if interrupted {
            interrupt(&wish, &mut schedule, cancel);
        }
        for (index, (_, kept)) in tasks.iter().enumerate() {
            if !matches!(kept.state, TaskState::Waiting | TaskState::Ended(_)) {
                start(&mut running, index);
            }
        }
        let (mut left, mut refused, mut halt) = (false, false, None);
        loop {
            let steps = if *wish.borrow() < Shutdown::Detach { schedule.next() } else { Vec::new() };
            for step in steps {
                match step {
                    Step::Start(index) => start(&mut running, index),
                    Step::Drop(index, reason) => {
                        let (task, text, outcome) = (tasks[index].1.id, reason.clone(), Outcome::NotRun);
                        let observe = |what: What<'_>| observe(TaskEvent { task: index, what });
                        let end =
                            journal.write(move |store, now| store.task_ended(task, outcome, &text, now), &observe);
                        match end.await {
                            Ok(()) => observe(What::Ended { outcome, message: &reason }),
                            Err(error) => {
                                halted(&mut halt, &wish, error);
                                break;
                            }
                        }
                    }
                }
            }
            tokio::select! {
                biased;
                joined = running.join_next() => match joined {
                    None => break,
                    Some(Ok((index, Ok(TaskEnd::Ended(outcome))))) => schedule.ended(index, outcome),
                    Some(Ok((_, Ok(TaskEnd::Left)))) => left = true,
                    Some(Ok((_, Ok(TaskEnd::Refused)))) => refused = true,
                    // The other tasks finish their calls first: each may be starting a run.
                    Some(Ok((_, Err(error)))) => halted(&mut halt, &wish, error),
                    Some(Err(fault)) => halted(&mut halt, &wish, RunnerError::Fault(fault.to_string())),
                },
                Ok(()) = wait_for(&mut unwanted), if !interrupted => {
                    interrupted = true;
                    interrupt(&wish, &mut schedule, cancel);
                }
            }
        }
        if let Some(halt) = halt {
            return Err(halt);
        }
        if refused {
            return Ok(PipelineEnd::Refused);
        }
        if left || !schedule.is_done() {
            return Ok(PipelineEnd::Left);
        }
        let outcome = if interrupted && cancel { Outcome::Interrupted } else { schedule.outcome() };
        journal.write(move |store, now| store.pipeline_ended(id, outcome, now), &|_| ()).await?;
        Ok(PipelineEnd::Ended(outcome))
    }
}

fn node(task: &ResolvedTask, state: TaskState) -> Node {
    Node {
        name: task.name.clone(),
        after: task.after.clone(),
        on_failure: task.on_failure,
        standing: match state {
            TaskState::Waiting => Standing::Waiting,
            TaskState::Ended(outcome) => Standing::Ended(outcome),
            _ => Standing::Started,
        },
    }
}

/// Shuts the pipeline down: nothing more starts.
fn interrupt(wish: &watch::Sender<Shutdown>, schedule: &mut Schedule, cancel: bool) {
    let wanted = if cancel { Shutdown::Cancel } else { Shutdown::Detach };
    wish.send_modify(|wish| *wish = wanted.max(*wish));
    schedule.stop("the pipeline was interrupted");
}

/// Stops all tasks where they are. The first error is the one returned.
fn halted(halt: &mut Option<RunnerError>, wish: &watch::Sender<Shutdown>, error: RunnerError) {
    wish.send_replace(Shutdown::Detach);
    halt.get_or_insert(error);
}

async fn wait_for(unwanted: &mut Receiver<bool>) -> Result<(), ()> {
    unwanted.wait_for(|unwanted| *unwanted).await.map(drop).map_err(drop)
}
