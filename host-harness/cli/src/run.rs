//! `host-harness run`

use std::cell::RefCell;

use host_harness::contract::Progress;
use host_harness::document::RunDocument;
use host_harness::{PollPolicy, SystemClock, WatchEnd, WatchEvent, Watcher};

use crate::args::RunArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::status::Status;
use crate::text;

pub(crate) async fn main(args: &RunArgs, interrupts: Interrupts) -> Exit {
    let mut printer = Printer::new(args.output);
    match run(args, &mut printer, interrupts).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn run(args: &RunArgs, printer: &mut Printer, interrupts: Interrupts) -> Result<Exit, Failure> {
    let session = PluginSession::open(&args.plugin, printer).await?;
    let policy = PollPolicy {
        interval: args.poll_interval,
        ignore_hint: args.ignore_poll_hint,
        timeout: args.timeout,
        cancel: !args.no_cancel,
        ..PollPolicy::default()
    };
    let watcher =
        Watcher { plugin: &session.plugin, arguments: &session.arguments, policy: &policy, clock: &SystemClock::new() };
    interrupts.count();
    let known = RefCell::new(None);
    let mut status = Status::new(printer);
    let observer = |event: WatchEvent<'_>| {
        if let WatchEvent::Running(running) = event {
            known.replace(Some(running.run.clone()));
        }
        status.event(event);
    };
    let outcome = tokio::select! {
        outcome = watcher.run(observer, interrupts.clone().reach(1)) => Some(outcome),
        () = interrupts.clone().reach(2) => None,
    };
    drop(status);
    let Some(outcome) = outcome else {
        return Err(Failure::left(known.into_inner()));
    };
    let WatchEnd::Finished(finished) = &outcome.end else {
        let failure = Failure::watch(&outcome);
        return Err(if interrupts.any() { failure.interrupted() } else { failure });
    };
    let exit = Exit::of_verdict(finished.verdict);
    let progress = Progress::Finished(finished.clone());
    let (document, text) =
        (RunDocument::new(&progress, outcome.run.as_deref(), outcome.requests), text::progress(&progress));
    Failure::of_printing(printer.answer(&document, &text), &text, None)?;
    Ok(if interrupts.any() { Exit::Interrupted } else { exit })
}
