//! `host-harness resume`

use std::path::Path;

use host_harness::CompileCache;
use host_harness::pipeline::{Pipeline, ResumeError};
use host_harness::store::{PipelineRun, PipelineRunId, Store, StoreError};
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
    // Fails on a missing store, which `open` would create.
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
    let cache = args.cache.open();
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
            taken = take_up(path, id, cache.clone()) => taken,
        };
        match taken {
            Ok(pipeline) => {
                interrupts.count();
                printer.hide(printer.redactor.and(pipeline.redactor()));
                group.hide_secrets_of(printer);
                let PipelineRun { name, file, started_at, .. } = pipeline.record();
                group.note(&format!("run {id} of the pipeline {name}, begun {started_at:.0} from {file}, is resumed"));
                group.start(pipeline);
            }
            Err(error @ ResumeError::Ended { .. }) => group.note(&error.to_string()),
            Err(ResumeError::Store(error @ StoreError::Held { .. })) => {
                group.note(&format!("{error}, which goes on with it"));
            }
            // The other runs are resumed all the same.
            Err(error) => group.not_resumed(id, &Failure::resume(&error)),
        }
    }
    if group.is_empty() {
        let text = "nothing to resume";
        Failure::of_printing(printer.answer(&json!({"runs": []}), text), text, None)?;
        return Ok(group.exit);
    }
    group.finish(printer).await
}

/// Resumes a run in a thread of its own, with its own connection to the store: compiling plugins and reading secrets
/// must block neither the other runs nor an interrupt.
async fn take_up(path: &Path, id: PipelineRunId, cache: Option<CompileCache>) -> Result<Pipeline, ResumeError> {
    let (path, runtime) = (path.to_owned(), Handle::current());
    let resumed = move || runtime.block_on(async { Pipeline::resume(id, Store::open(&path)?, cache.as_ref()).await });
    match tokio::task::spawn_blocking(resumed).await {
        Ok(pipeline) => pipeline,
        Err(fault) => std::panic::resume_unwind(fault.into_panic()),
    }
}
