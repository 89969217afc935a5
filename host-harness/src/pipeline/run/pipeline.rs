//! A run of a pipeline that this process starts or resumes, and runs to its end.

use std::path::Path;

use tokio::sync::watch::Receiver;

use crate::pipeline::run::journal::RunnerError;
use crate::pipeline::run::runner::Runner;
use crate::pipeline::run::wall_time::wall;
use crate::pipeline::{Accounts, Definition, Diagnostics, PipelineEnd, ResolvedPipeline, ResolvedTask, TaskEvent};
use crate::store::{PipelineRun, PipelineRunId, RunLock, Store, StoreError};
use crate::{Clock, CompileCache, PollPolicy, Redactor};

/// A run of a pipeline: stored, locked by this process and ready to run.
#[derive(Debug)]
pub struct Pipeline {
    pub(crate) tasks: Vec<ResolvedTask>,
    pub(crate) store: Store,
    pub(crate) lock: RunLock,
    pub(crate) record: PipelineRun,
    redactor: Redactor,
}

/// An error of resuming a stored run. The run is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// The store cannot be used or does not have the run, or another process [holds](StoreError::Held) it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run has ended.
    #[error("run {id} of the pipeline {name} has ended")]
    Ended {
        /// The run.
        id: PipelineRunId,
        /// The pipeline's name.
        name: String,
    },
    /// The stored pipeline can no longer be loaded: a plugin or a secret is missing.
    #[error(transparent)]
    Definition(#[from] Diagnostics),
}

/// Options of a pipeline's run.
#[derive(Clone, Debug)]
pub struct RunOptions<C> {
    /// The clock.
    pub clock: C,
    /// The accounts, whose rate limits are shared with the other pipelines of this process.
    pub accounts: Accounts,
    /// The poll policy, and whether runs are cancelled on shutdown. Each task has its own timeout.
    pub policy: PollPolicy,
    /// True once the pipeline shuts down: nothing more is started, and its runs are cancelled or left.
    pub unwanted: Receiver<bool>,
}

impl Pipeline {
    /// Starts a new run: stores it with the text of its file, so that [`resume`](Self::resume) needs no other.
    pub fn start(resolved: ResolvedPipeline, mut store: Store, clock: &impl Clock) -> Result<Self, StoreError> {
        let tasks: Vec<_> = resolved.tasks.iter().map(ResolvedTask::new_task).collect();
        let file = resolved.source.file();
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let (name, file) = (&resolved.name, file.to_string_lossy());
        let (id, lock) = store.begin(name, &file, resolved.source.as_str(), &tasks, wall(clock))?;
        let record = store.pipeline_run(id)?;
        Ok(Self { tasks: resolved.tasks, store, lock, record, redactor: resolved.redactor })
    }

    /// Resumes a stored run, started by any process: locks it, loads its plugins, from the cache where there is one, and reads its
    /// secrets.
    ///
    /// Compiling a plugin blocks the thread: see [`Host::load`](crate::Host::load).
    pub async fn resume(
        id: PipelineRunId,
        mut store: Store,
        cache: Option<&CompileCache>,
    ) -> Result<Self, ResumeError> {
        let lock = store.lock(id)?;
        let record = store.pipeline_run(id)?;
        if record.ended_at.is_some() {
            return Err(ResumeError::Ended { id, name: record.name });
        }
        let resolved = Definition::parse(&record.definition, Path::new(&record.file))?.load(cache).await?;
        Ok(Self { tasks: resolved.tasks, store, lock, record, redactor: resolved.redactor })
    }

    /// The run as it was stored when it was started or resumed.
    pub fn record(&self) -> &PipelineRun {
        &self.record
    }

    /// Its tasks, in the order of the file and of the [record](Self::record)'s.
    pub fn tasks(&self) -> &[ResolvedTask] {
        &self.tasks
    }

    /// The redactor of the secrets of all connections.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Runs the tasks that have not ended, to their ends. `observe` gets each event after it is stored.
    ///
    /// Each task's timeout begins anew, since nobody watched while no process ran.
    pub async fn run<C: Clock + 'static>(
        self,
        options: RunOptions<C>,
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> Result<PipelineEnd, RunnerError> {
        Runner { pipeline: self, options }.run(observe).await
    }
}
