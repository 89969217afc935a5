//! `host-harness trigger`

use crate::args::CallArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::start;

pub(crate) async fn main(args: &CallArgs, interrupts: Interrupts) -> Exit {
    let mut printer = Printer::new(args.output);
    match trigger(args, &mut printer, interrupts).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn trigger(args: &CallArgs, printer: &mut Printer, interrupts: Interrupts) -> Result<Exit, Failure> {
    let session = PluginSession::open(&args.plugin, printer).await?;
    start::answered(session.plugin.trigger(&session.arguments), printer, interrupts).await
}
