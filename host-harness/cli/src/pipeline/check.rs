//! `host-harness pipeline check`

use host_harness::pipeline::Definition;

use super::plan;
use crate::args::PipelineArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

pub(crate) async fn main(args: &PipelineArgs) -> Exit {
    let mut printer = Printer::new(args.output);
    match check(args, &mut printer).await {
        Ok(()) => Exit::Succeeded,
        Err(failure) => failure.print(&printer),
    }
}

async fn check(args: &PipelineArgs, printer: &mut Printer) -> Result<(), Failure> {
    let definition = Definition::open(&args.file).map_err(|problems| Failure::pipeline(&problems))?;
    for connection in definition.unused() {
        printer.note(&format!("no task uses the connection `{}`: it was not checked", connection.name));
    }
    let pipeline =
        definition.load(args.cache.open().as_ref()).await.map_err(|problems| Failure::pipeline(&problems))?;
    printer.hide(pipeline.redactor.clone());
    let text = plan::text(&definition, &pipeline);
    Failure::of_printing(printer.answer(&plan::document(&definition, &pipeline), &text), &text, None)
}
