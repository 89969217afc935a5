//! `host-harness poll`

use host_harness::document::RunDocument;

use crate::args::RunCallArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::text::running;
use crate::{run_file, text};

pub(crate) async fn main(args: &RunCallArgs) -> Exit {
    let mut printer = Printer::new(args.call.output);
    match poll(args, &mut printer).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn poll(args: &RunCallArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let run = run_file::read(&args.run).map_err(|error| Failure::usage(&error))?;
    let session = PluginSession::open(&args.call.plugin, printer).await?;
    let call = session.plugin.poll(&session.arguments, &run).await;
    let (progress, requests) = Failure::or_answer(call, Some(&run))?;
    let (document, text) = (RunDocument::new(&progress, Some(&run), requests), text::progress(&progress));
    Failure::of_printing(printer.answer(&document, &text), &text, running(&progress))?;
    Ok(Exit::of_progress(&progress))
}
