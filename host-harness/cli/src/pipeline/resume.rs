//! `host-harness resume`

use std::path::Path;

use host_harness::pipeline::{Definition, ResolvedPipeline};
use host_harness::store::{PipelineRun, PipelineRunId, RunLock, Store, StoreError};
use serde_json::json;
use tokio::runtime::Handle;

use super::run_set::RunSet;
use crate::args::ResumeArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::printer::Printer;
use crate::runs;

pub(crate) async fn main(args: &ResumeArgs, interrupts: Interrupts) -> Exit {
    let mut printer = Printer::new(args.output);
    resume(args, &mut printer, interrupts).await.unwrap_or_else(|failure| failure.print(&printer))
}

async fn resume(args: &ResumeArgs, printer: &mut Printer, interrupts: Interrupts) -> Result<Exit, Failure> {
    let path = &args.store.store;
    let failed = |error: StoreError| Failure::store(&error);
    // Not made here: without it there is nothing to go on with.
    Store::open_to_read(path).map_err(failed)?;
    let store = Store::open(path).map_err(failed)?;
    runs::tell_owner(&store, path, printer);
    let ids = match args.ids[..] {
        [] => store.unfinished().map_err(failed)?,
        ref ids => ids.iter().copied().map(PipelineRunId).collect(),
    };
    for id in &ids {
        store.pipeline_run(*id).map_err(failed)?;
    }
    let mut group = RunSet::new(printer, path, &args.patience, ids.len() > 1, interrupts.clone());
    for id in ids {
        let taken = tokio::select! {
            biased;
            // Before the first run has started, an interrupt ends the program.
            () = interrupts.clone().reach(1) => {
                group.note(&format!("run {id} is left as it stands: `host-harness resume` goes on with it"));
                group.exit = Exit::Interrupted;
                continue;
            }
            taken = take_up(path, id) => taken,
        };
        match taken {
            Ok(Taken::Ready(store, pipeline, kept, lock)) => {
                interrupts.count();
                printer.hide(printer.redactor.clone().and(pipeline.redactor.clone()));
                group.redactor(printer);
                let (name, file, begun) = (&kept.name, &kept.file, kept.started_at);
                group.note(&format!("run {id} of the pipeline {name}, begun {begun:.0} from {file}, is resumed"));
                group.start(store, *pipeline, &kept, lock);
            }
            Ok(Taken::Not(reason)) => group.note(&reason),
            // The others go on all the same.
            Err(failure) => group.not_resumed(id, &failure),
        }
    }
    if group.is_empty() {
        let text = "nothing to resume";
        Failure::of_printing(printer.answer(json!({"runs": []}), text), text, None)?;
        return Ok(group.exit);
    }
    group.finish(printer).await
}

/// A run that was to be taken up.
enum Taken {
    /// With a store of its own.
    Ready(Store, Box<ResolvedPipeline>, Box<PipelineRun>, RunLock),
    /// For this reason.
    Not(String),
}

/// Takes a run up in a thread of its own: it compiles plugins and reads secrets, and the runs that go on already are not to wait
/// for that, nor is an interrupt.
async fn take_up(path: &Path, id: PipelineRunId) -> Result<Taken, Failure> {
    let (path, runtime) = (path.to_owned(), Handle::current());
    match tokio::task::spawn_blocking(move || runtime.block_on(taken_up(&path, id))).await {
        Ok(taken) => taken,
        Err(fault) => std::panic::resume_unwind(fault.into_panic()),
    }
}

async fn taken_up(path: &Path, id: PipelineRunId) -> Result<Taken, Failure> {
    let mut store = Store::open(path).map_err(|error| Failure::store(&error))?;
    let lock = match store.lock(id) {
        Ok(lock) => lock,
        Err(error @ StoreError::Held { .. }) => return Ok(Taken::Not(format!("{error}, which goes on with it"))),
        Err(error) => return Err(Failure::store(&error)),
    };
    let kept = store.pipeline_run(id).map_err(|error| Failure::store(&error))?;
    if kept.ended_at.is_some() {
        return Ok(Taken::Not(format!("run {id} of the pipeline {} has ended", kept.name)));
    }
    let definition = Definition::parse(&kept.definition, Path::new(&kept.file));
    let definition = definition.map_err(|problems| Failure::pipeline(&problems))?;
    let pipeline = definition.load().await.map_err(|problems| Failure::pipeline(&problems))?;
    Ok(Taken::Ready(store, Box::new(pipeline), Box::new(kept), lock))
}
