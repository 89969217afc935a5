//! Run sets: the runs that one command runs to their ends.

use std::path::{Path, PathBuf};

use host_harness::pipeline::{Accounts, Pipeline, PipelineEnd, RunOptions, RunnerError, TaskEvent};
use host_harness::store::{Outcome, PipelineRunId, Store};
use host_harness::{PollPolicy, SystemClock};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::progress_board::{ProgressBoard, TICK};
use crate::args::PatienceArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::printer::Printer;
use crate::runs;
use crate::terminal::{mark, unmarked};

/// The runs in progress, and their board.
pub(crate) struct RunSet {
    /// The worst exit code so far.
    pub(crate) exit: Exit,
    running: JoinSet<Result<PipelineEnd, RunnerError>>,
    board: ProgressBoard,
    store: PathBuf,
    policy: PollPolicy,
    accounts: Accounts,
    ids: Vec<PipelineRunId>,
    several: bool,
    interrupts: Interrupts,
    unwanted: watch::Sender<bool>,
}

impl RunSet {
    /// An empty set. The first counted interrupt goes to every run, however early it comes.
    pub(crate) fn new(
        printer: &Printer,
        store: &Path,
        patience: &PatienceArgs,
        several: bool,
        interrupts: Interrupts,
    ) -> Self {
        let unwanted = watch::Sender::new(false);
        let (first, told) = (interrupts.clone().reach(1), unwanted.clone());
        tokio::spawn(async move {
            first.await;
            told.send_replace(true);
        });
        Self {
            exit: Exit::Succeeded,
            running: JoinSet::new(),
            board: ProgressBoard::new(printer),
            store: store.to_owned(),
            policy: PollPolicy {
                interval: patience.poll_interval,
                ignore_hint: patience.ignore_poll_hint,
                cancel: !patience.no_cancel,
                ..PollPolicy::default()
            },
            accounts: Accounts::default(),
            ids: Vec::new(),
            several,
            interrupts,
            unwanted,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    pub(crate) fn note(&self, text: &str) {
        self.board.note(text);
    }

    /// Redacts the secrets of another printer too.
    pub(crate) fn hide_secrets_of(&mut self, printer: &Printer) {
        self.board = self.board.clone().with_redactor_of(printer);
    }

    /// Reports a run that could not be resumed. It is unchanged.
    pub(crate) fn not_resumed(&mut self, id: PipelineRunId, failure: &Failure) {
        self.note(&format!(
            "{}: run {id} cannot be resumed: {}; fix that, or give it up with `host-harness runs abandon {id}`",
            mark("error"),
            unmarked(failure.message())
        ));
        self.exit = self.exit.max(failure.exit);
    }

    /// Starts a run.
    pub(crate) fn start(&mut self, pipeline: Pipeline) {
        let record = pipeline.record();
        for (task, kept) in pipeline.tasks().iter().zip(&record.tasks) {
            let (plugin, sha256) = (task.plugin_name(), task.plugin.sha256());
            if plugin != kept.plugin {
                self.note(&format!("{}: its plugin was {} and is {plugin}", task.name, kept.plugin));
            } else if kept.plugin_sha256.as_deref().is_some_and(|kept| kept != sha256) {
                let file = format!("the file of its plugin, {plugin}, has changed since the run was begun");
                self.note(&format!("{}: {file}: its sha256 is {sha256}", task.name));
            }
        }
        let tasks = record.tasks.iter().map(|task| (task.name.clone(), task.state)).collect();
        let shown = self.board.show(&record.name, tasks, self.several);
        self.ids.push(record.id);
        let options = RunOptions {
            clock: SystemClock::new(),
            accounts: self.accounts.clone(),
            policy: self.policy.clone(),
            unwanted: self.unwanted.subscribe(),
        };
        self.running.spawn(async move { pipeline.run(options, move |event: TaskEvent<'_>| shown.event(event)).await });
    }

    /// Waits for the ends of all runs, and prints them.
    pub(crate) async fn finish(mut self, printer: &Printer) -> Result<Exit, Failure> {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                joined = self.running.join_next() => match joined {
                    None => break,
                    Some(Ok(end)) => self.exit = self.exit.max(self.of_end(end)),
                    Some(Err(fault)) => {
                        self.note(&format!("{}: a fault in this program: {fault}", mark("error")));
                        self.exit = self.exit.max(Exit::CallFailed);
                    }
                },
                () = self.interrupts.clone().reach(2) => {
                    self.note("left as it stands: `host-harness resume` goes on with it");
                    self.exit = Exit::Interrupted;
                    break;
                }
                _ = ticks.tick() => self.board.tick(),
            }
        }
        self.board.clear();
        let kept = Store::open_to_read(&self.store).map_err(|error| Failure::store(&error))?;
        let kept: Result<Vec<_>, _> = self.ids.iter().map(|id| kept.pipeline_run(*id)).collect();
        let kept = kept.map_err(|error| Failure::store(&error))?;
        let text: String = kept.iter().map(runs::text).collect();
        let document = json!({"runs": kept.iter().map(runs::document).collect::<Vec<_>>()});
        Failure::of_printing(printer.answer(&document, &text), &text, None)?;
        Ok(self.exit)
    }

    /// The exit code of a pipeline's end.
    fn of_end(&self, end: Result<PipelineEnd, RunnerError>) -> Exit {
        match end {
            Ok(PipelineEnd::Ended(outcome)) => match outcome {
                Outcome::Succeeded | Outcome::Skipped => Exit::Succeeded,
                Outcome::Failed | Outcome::Cancelled | Outcome::NotRun => Exit::JobFailed,
                Outcome::CallFailed => Exit::CallFailed,
                Outcome::TimedOut => Exit::TimedOut,
                Outcome::Unknown => Exit::VerdictUnknown,
                Outcome::Interrupted => Exit::Interrupted,
            },
            Ok(PipelineEnd::Left) => Exit::Interrupted,
            Ok(PipelineEnd::Refused) => Exit::CallFailed,
            Err(halt) => {
                self.note(&format!("{}: {}", mark("error"), unmarked(&halt.to_string())));
                Exit::CallFailed
            }
        }
    }
}
