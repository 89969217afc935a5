//! A run of a pipeline in the hands of this process: started or resumed, and run to its end.

use std::path::Path;

use tokio::sync::watch::Receiver;

use crate::pipeline::run::journal::RunnerError;
use crate::pipeline::run::runner::Runner;
use crate::pipeline::run::wall_time::wall;
use crate::pipeline::{Accounts, Definition, Diagnostics, PipelineEnd, ResolvedPipeline, ResolvedTask, TaskEvent};
use crate::store::{PipelineRun, PipelineRunId, RunLock, Store, StoreError};
use crate::{Clock, CompileCache, PollPolicy, Redactor};

/// A run of a pipeline: written in the store, locked by this process and ready to be run.
#[derive(Debug)]
pub struct Pipeline {
    pub(crate) tasks: Vec<ResolvedTask>,
    pub(crate) store: Store,
    pub(crate) lock: RunLock,
    pub(crate) record: PipelineRun,
    redactor: Redactor,
}

/// Why a stored run cannot be resumed. It stands as it stood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// The store cannot be used, does not have the run, or another process [holds](StoreError::Held) it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing left to do.
    #[error("run {id} of the pipeline {name} has ended")]
    Ended {
        /// The run.
        id: PipelineRunId,
        /// The pipeline's name.
        name: String,
    },
    /// The pipeline as it was stored can no longer be loaded: a plugin is gone, or a secret.
    #[error(transparent)]
    Definition(#[from] Diagnostics),
}

/// How a pipeline is run.
#[derive(Clone, Debug)]
pub struct RunOptions<C> {
    /// Where the time comes from.
    pub clock: C,
    /// The accounts that its tasks share with those of other pipelines of this process.
    pub accounts: Accounts,
    /// How often runs are polled, and whether they are cancelled once the pipeline is no longer wanted. The timeout is each
    /// task's own.
    pub policy: PollPolicy,
    /// Becomes true when the pipeline is no longer wanted: nothing more is started, and what runs is cancelled or left.
    pub unwanted: Receiver<bool>,
}

impl Pipeline {
    /// Starts a new run: writes it to the store with the text of its file, so that [`resume`](Self::resume) needs no other.
    pub fn start(resolved: ResolvedPipeline, mut store: Store, clock: &impl Clock) -> Result<Self, StoreError> {
        let tasks: Vec<_> = resolved.tasks.iter().map(ResolvedTask::new_task).collect();
        let file = resolved.source.file();
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let (name, file) = (&resolved.name, file.to_string_lossy());
        let (id, lock) = store.begin(name, &file, resolved.source.as_str(), &tasks, wall(clock))?;
        let record = store.pipeline_run(id)?;
        Ok(Self { tasks: resolved.tasks, store, lock, record, redactor: resolved.redactor })
    }

    /// Takes up a stored run, by whatever process it was started: locks it, loads its plugins, from the cache where there is one,
    /// and reads its secrets.
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

    /// The run as it was stored when it was started or taken up.
    pub fn record(&self) -> &PipelineRun {
        &self.record
    }

    /// Its tasks, in the order of the file and of the [record](Self::record)'s.
    pub fn tasks(&self) -> &[ResolvedTask] {
        &self.tasks
    }

    /// Hides the secrets of all connections.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Runs what has not ended yet, to its end. What `observe` is told is in the store before.
    ///
    /// A task has its whole time from here on: while no process ran, nobody watched.
    pub async fn run<C: Clock + 'static>(
        self,
        options: RunOptions<C>,
        observe: impl Fn(TaskEvent<'_>) + Send + Sync + 'static,
    ) -> Result<PipelineEnd, RunnerError> {
        Runner { pipeline: self, options }.run(observe).await
    }
}
