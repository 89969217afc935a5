//! `host-harness pipeline run` and `host-harness resume`

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use host_harness::SystemClock;
use host_harness::pipeline::{Definition, Halt, Patience, PipelineEnd, ReadyPipeline, Runner, TaskEvent};
use host_harness::store::{NewTask, Outcome, PipelineRunId, RunLock, Store, StoreError};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::progress;
use crate::args::{PatienceArgs, PipelineRunArgs, ResumeArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::printer::Printer;
use crate::runs;

/// A run that is begun or taken up, and how it ended.
type Ended = (PipelineRunId, Result<PipelineEnd, Halt>, RunLock);

pub(crate) async fn main(args: &PipelineRunArgs) -> Exit {
    let mut printer = Printer::new(args.output);
    run(args, &mut printer).await.unwrap_or_else(|failure| failure.print(&printer))
}

pub(crate) async fn resume(args: &ResumeArgs) -> Exit {
    let mut printer = Printer::new(args.output);
    take_up(args, &mut printer).await.unwrap_or_else(|failure| failure.print(&printer))
}

async fn run(args: &PipelineRunArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let definition = Definition::open(&args.file).map_err(|problems| Failure::pipeline(&problems))?;
    let pipeline = definition.load().await.map_err(|problems| Failure::pipeline(&problems))?;
    printer.mask = pipeline.mask.clone();
    let mut store = Store::open(&args.store.store).map_err(|error| Failure::store(&error))?;
    let tasks: Vec<_> = pipeline
        .tasks
        .iter()
        .map(|task| NewTask {
            name: task.name.clone(),
            tool: task.descriptor.tool.clone(),
            plugin: format!("{} {}", task.descriptor.name, task.descriptor.version),
        })
        .collect();
    let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    let (id, lock) = store
        .begin(&pipeline.name, &file.to_string_lossy(), definition.text(), &tasks, jiff::Timestamp::now())
        .map_err(|error| Failure::store(&error))?;
    printer.note(&format!("run {id} of the pipeline {}", pipeline.name));
    let (interrupts, unwanted) = (Interrupts::listen(), unwanted());
    let mut running = JoinSet::new();
    start(&mut running, printer, store, (pipeline, id, lock), &args.patience, &unwanted.1);
    finish(running, interrupts, &unwanted.0, printer, &args.store.store).await
}

async fn take_up(args: &ResumeArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let path = &args.store.store;
    let (interrupts, unwanted) = (Interrupts::listen(), unwanted());
    let mut running = JoinSet::new();
    // Not made here: without it there is nothing to go on with.
    Store::open_to_read(path).map_err(|error| Failure::store(&error))?;
    let mut store = Store::open(path).map_err(|error| Failure::store(&error))?;
    for id in store.unfinished().map_err(|error| Failure::store(&error))? {
        let lock = match store.lock(id) {
            Ok(lock) => lock,
            Err(error @ StoreError::Held { .. }) => {
                printer.note(&format!("{error}, which goes on with it"));
                continue;
            }
            Err(error) => return Err(Failure::store(&error)),
        };
        let kept = store.pipeline_run(id).map_err(|error| Failure::store(&error))?;
        let definition = Definition::parse(&kept.definition, Path::new(&kept.file));
        let definition = definition.map_err(|problems| Failure::pipeline(&problems))?;
        let pipeline = definition.load().await.map_err(|problems| Failure::pipeline(&problems))?;
        printer.mask = printer.mask.clone().and(pipeline.mask.clone());
        printer.note(&format!("run {id} of the pipeline {} is resumed", kept.name));
        start(&mut running, printer, store, (pipeline, id, lock), &args.patience, &unwanted.1);
        store = Store::open(path).map_err(|error| Failure::store(&error))?;
    }
    if running.is_empty() {
        printer.answer(json!({"runs": []}), "nothing to resume");
        return Ok(Exit::Succeeded);
    }
    finish(running, interrupts, &unwanted.0, printer, path).await
}

fn unwanted() -> (watch::Sender<bool>, watch::Receiver<bool>) {
    watch::channel(false)
}

fn start(
    running: &mut JoinSet<Ended>,
    printer: &Printer,
    store: Store,
    (pipeline, id, lock): (ReadyPipeline, PipelineRunId, RunLock),
    patience: &PatienceArgs,
    unwanted: &watch::Receiver<bool>,
) {
    let names: Vec<String> = pipeline.tasks.iter().map(|task| task.name.clone()).collect();
    let printer = printer.clone();
    let told = Mutex::new(vec![String::new(); names.len()]);
    // That a task still stands where it stood is no news.
    let observe = move |event: TaskEvent<'_>| {
        let line = progress::line(&names[event.task], &event.what);
        let told = &mut told.lock().unwrap_or_else(PoisonError::into_inner)[event.task];
        if *told != line {
            printer.note(&line);
            *told = line;
        }
    };
    let patience = Patience {
        interval: patience.poll_interval,
        ignore_hint: patience.ignore_poll_hint,
        cancel: !patience.no_cancel,
    };
    let runner = Runner { pipeline, store, id, clock: SystemClock::new(), patience, unwanted: unwanted.clone() };
    running.spawn(async move { (id, runner.run(observe).await, lock) });
}

/// Waits for the ends, and prints them.
async fn finish(
    mut running: JoinSet<Ended>,
    interrupts: Interrupts,
    unwanted: &watch::Sender<bool>,
    printer: &Printer,
    store: &Path,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Succeeded;
    let mut ended = Vec::new();
    let mut told = false;
    loop {
        tokio::select! {
            joined = running.join_next() => match joined {
                None => break,
                Some(Ok((id, end, _lock))) => {
                    exit = exit.max(match end {
                        Ok(PipelineEnd::Ended(outcome)) => of_outcome(outcome),
                        Ok(PipelineEnd::Left) => Exit::Interrupted,
                        Err(halt) => {
                            printer.note(&format!("error: {halt}"));
                            Exit::CallFailed
                        }
                    });
                    ended.push(id);
                }
                Some(Err(fault)) => printer.note(&format!("error: a fault in this program: {fault}")),
            },
            () = interrupts.clone().reach(1), if !told => {
                told = true;
                _ = unwanted.send(true);
            }
            () = interrupts.clone().reach(2) => {
                printer.note("left as it stands: `host-harness resume` goes on with it");
                return Ok(Exit::Interrupted);
            }
        }
    }
    let kept = Store::open_to_read(store).map_err(|error| Failure::store(&error))?;
    let kept: Result<Vec<_>, _> = ended.into_iter().map(|id| kept.pipeline_run(id)).collect();
    let kept = kept.map_err(|error| Failure::store(&error))?;
    let text: String = kept.iter().map(runs::text).collect();
    printer.answer(json!({"runs": kept.iter().map(runs::document).collect::<Vec<_>>()}), &text);
    Ok(exit)
}

/// The worst decides: of its tasks, and of several pipelines.
fn of_outcome(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Succeeded | Outcome::Skipped => Exit::Succeeded,
        Outcome::Failed | Outcome::Cancelled | Outcome::NotRun => Exit::JobFailed,
        Outcome::CallFailed => Exit::CallFailed,
        Outcome::TimedOut => Exit::TimedOut,
        Outcome::Unknown => Exit::VerdictUnknown,
        Outcome::Interrupted => Exit::Interrupted,
    }
}
