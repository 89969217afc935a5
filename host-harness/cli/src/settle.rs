//! `host-harness settle`

use std::cmp::Reverse;

use crate::args::SettleArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::start;

pub(crate) async fn main(args: &SettleArgs, interrupts: Interrupts) -> Exit {
    let mut printer = Printer::new(args.call.output);
    match settle(args, &mut printer, interrupts).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn settle(args: &SettleArgs, printer: &mut Printer, interrupts: Interrupts) -> Result<Exit, Failure> {
    let session = PluginSession::open(&args.call.plugin, printer).await?;
    let mut ages = args.ages.clone();
    ages.sort_unstable_by_key(|age| Reverse(*age));
    start::answered(session.plugin.settle(&session.arguments, &ages), printer, interrupts).await
}
