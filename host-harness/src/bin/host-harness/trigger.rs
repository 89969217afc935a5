//! `host-harness trigger`

use crate::args::CallArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::session::Session;
use crate::{document, text};

pub(crate) async fn main(args: &CallArgs) -> Exit {
    let mut printer = Printer::new(args.output);
    match trigger(args, &mut printer).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn trigger(args: &CallArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(&args.plugin, printer).await?;
    let call = session.plugin.trigger(&session.arguments).await;
    let (progress, requests) = Failure::or_started(call)?;
    let document = document::progress(&progress, None, requests);
    printer.answer(document, &text::progress(&progress));
    Ok(Exit::of_progress(&progress))
}
