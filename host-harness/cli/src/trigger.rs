//! `host-harness trigger`

use std::convert::Infallible;

use host_harness::document::RunDocument;

use crate::args::CallArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::terminal::mark;
use crate::text;
use crate::text::running;

pub(crate) async fn main(args: &CallArgs, interrupts: Interrupts) -> Exit {
    let mut printer = Printer::new(args.output);
    match trigger(args, &mut printer, interrupts).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn trigger(args: &CallArgs, printer: &mut Printer, interrupts: Interrupts) -> Result<Exit, Failure> {
    let session = PluginSession::open(&args.plugin, printer).await?;
    interrupts.count();
    let first = async {
        interrupts.clone().reach(1).await;
        printer.note(&format!(
            "{}: waiting for the answer to the trigger, which may start a run; once more leaves at once",
            mark("interrupted")
        ));
        std::future::pending::<Infallible>().await
    };
    let call = tokio::select! {
        call = session.plugin.trigger(&session.arguments) => call,
        never = first => match never {},
        () = interrupts.clone().reach(2) => return Err(Failure::left(None)),
    };
    let (progress, requests) = Failure::or_started(call)?;
    let (document, text) = (RunDocument::new(&progress, None, requests), text::progress(&progress));
    Failure::of_printing(printer.answer(&document, &text), &text, running(&progress))?;
    Ok(if interrupts.any() { Exit::Interrupted } else { Exit::of_progress(&progress) })
}
