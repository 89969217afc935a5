//! `host-harness pipeline run`

use host_harness::SystemClock;
use host_harness::pipeline::{Definition, Pipeline};
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
    let pipeline =
        definition.load(args.cache.open().as_ref()).await.map_err(|problems| Failure::pipeline(&problems))?;
    printer.hide(pipeline.redactor.clone());
    interrupts.count();
    let store = Store::open(&args.store.store).map_err(|error| Failure::store(&error))?;
    runs::tell_owner(&store, &args.store.store, printer);
    let pipeline = Pipeline::start(pipeline, store, &SystemClock::new()).map_err(|error| Failure::store(&error))?;
    let mut group = RunSet::new(printer, &args.store.store, &args.patience, false, interrupts);
    let record = pipeline.record();
    group.note(&format!("run {} of the pipeline {}", record.id, record.name));
    group.start(pipeline);
    group.finish(printer).await
}
