//! `host-harness`: the command line of the library, one file per command.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![allow(clippy::result_large_err, reason = "there is one failure, and the program ends with it")]

mod args;
mod cache;
mod cancel;
mod check;
mod conformance;
mod core_dump;
mod describe;
mod exit;
mod failure;
mod inspect;
mod interrupt;
mod json;
mod log;
mod new_plugin;
#[cfg(feature = "otlp")]
mod otlp;
mod pipeline;
mod plugin_name;
mod plugin_session;
mod poll;
mod printer;
mod prune;
mod run;
mod run_file;
mod runs;
mod secret_source;
mod settle;
mod start;
mod status;
mod terminal;
mod text;
mod trigger;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use tokio::runtime::Runtime;

use args::{Command, Format, HostHarness, PipelineCommand};
use exit::Exit;
use failure::Failure;
use interrupt::Interrupts;
use log::Log;
use printer::Printer;

fn main() -> ExitCode {
    core_dump::forbid();
    let arguments = match HostHarness::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_parsed(error),
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the program's threads could not be started: {error}");
            return Exit::CallFailed.into();
        }
    };
    let exit = runtime.block_on(async {
        match Log::start(arguments.log.as_deref()) {
            Ok(log) => {
                let exit = command(arguments.command).await;
                log.finish();
                exit
            }
            Err(message) => Failure::usage(&message).print(&Printer::new(Format::Text)),
        }
    });
    // A DNS lookup that hangs cannot be stopped, and must not keep the program from ending.
    runtime.shutdown_background();
    exit.into()
}

async fn command(command: Command) -> Exit {
    let interrupts = Interrupts::listen();
    match command {
        Command::Describe(args) => describe::main(&args).await,
        Command::Inspect(args) => inspect::main(&args).await,
        Command::Conformance(args) => conformance::main(&args).await,
        Command::NewPlugin(args) => new_plugin::main(&args),
        Command::Check(args) => check::main(&args).await,
        Command::Trigger(args) => trigger::main(&args, interrupts).await,
        Command::Settle(args) => settle::main(&args, interrupts).await,
        Command::Poll(args) => poll::main(&args).await,
        Command::Cancel(args) => cancel::main(&args).await,
        Command::Run(args) => run::main(&args, interrupts).await,
        Command::Pipeline(PipelineCommand::Check(args)) => pipeline::check::main(&args).await,
        Command::Pipeline(PipelineCommand::Run(args)) => pipeline::run::main(&args, interrupts).await,
        Command::Resume(args) => pipeline::resume::main(&args, interrupts).await,
        Command::Runs(command) => runs::main(&command),
    }
}

/// Prints a usage error, or what was asked for instead of a command, such as the help.
fn not_parsed(error: clap::Error) -> ExitCode {
    let error = without_value(error);
    let is_answer = !error.use_stderr();
    let printed = error.print().and_then(|()| io::stdout().flush());
    if !is_answer {
        return Exit::Usage.into();
    }
    match Failure::of_printing(printed, "", None) {
        Ok(()) => Exit::Succeeded.into(),
        Err(failure) => failure.print(&Printer::new(Format::Text)).into(),
    }
}

/// Removes the value from clap's error, which repeats it: it may be a secret, except in these flags.
fn without_value(mut error: clap::Error) -> clap::Error {
    let harmless = |flag: &str| {
        ["--limit", "--timeout", "--poll-interval", "--older-than", "--age"].iter().any(|known| flag.starts_with(known))
    };
    let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    if error.kind() == ErrorKind::ValueValidation && !flag.is_some_and(|flag| harmless(&flag)) {
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    error
}
