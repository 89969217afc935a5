//! `host-harness pipeline run`

use host_harness::pipeline::{Definition, ResolvedTask};
use host_harness::store::Store;

use super::run_set::RunSet;
use crate::args::PipelineRunArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::printer::Printer;
use crate::runs;

pub(crate) async fn main(args: &PipelineRunArgs, interrupts: Interrupts) -> Exit {
    let mut printer = Printer::new(args.output);
    run(args, &mut printer, interrupts).await.unwrap_or_else(|failure| failure.print(&printer))
}

async fn run(args: &PipelineRunArgs, printer: &mut Printer, interrupts: Interrupts) -> Result<Exit, Failure> {
    let definition = Definition::open(&args.file).map_err(|problems| Failure::pipeline(&problems))?;
    let pipeline = definition.load().await.map_err(|problems| Failure::pipeline(&problems))?;
    printer.hide(pipeline.redactor.clone());
    interrupts.count();
    let mut store = Store::open(&args.store.store).map_err(|error| Failure::store(&error))?;
    runs::tell_owner(&store, &args.store.store, printer);
    let tasks: Vec<_> = pipeline.tasks.iter().map(ResolvedTask::new_task).collect();
    let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    let (id, lock) = store
        .begin(&pipeline.name, &file.to_string_lossy(), definition.text(), &tasks, jiff::Timestamp::now())
        .map_err(|error| Failure::store(&error))?;
    let mut group = RunSet::new(printer, &args.store.store, &args.patience, false, interrupts);
    group.note(&format!("run {id} of the pipeline {}", pipeline.name));
    let kept = store.pipeline_run(id).map_err(|error| Failure::store(&error))?;
    group.start(store, pipeline, &kept, lock);
    group.finish(printer).await
}
