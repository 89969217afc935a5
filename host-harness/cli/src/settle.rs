//! `host-harness settle`

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use crate::args::SettleArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::start;

pub(crate) async fn main(args: &SettleArgs, interrupts: Interrupts) -> Exit {
    let typed = Instant::now();
    let mut printer = Printer::new(args.call.output);
    match settle(args, typed, &mut printer, interrupts).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn settle(
    args: &SettleArgs,
    typed: Instant,
    printer: &mut Printer,
    interrupts: Interrupts,
) -> Result<Exit, Failure> {
    let session = PluginSession::open(&args.call.plugin, printer).await?;
    // Prompts and compilation took time: with too small an age, a second run could be started.
    let mut ages: Vec<Duration> = args.ages.iter().map(|age| age.saturating_add(typed.elapsed())).collect();
    ages.sort_unstable_by_key(|age| Reverse(*age));
    let settled = start::answered(session.plugin.settle(&session.arguments, &ages), printer, interrupts).await;
    settled.map_err(|failure| {
        failure.hinting("the outcome of the trigger is still unknown: settle again, with its age by then")
    })
}
