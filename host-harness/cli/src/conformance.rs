//! `host-harness conformance`

mod report;
mod subprocess_poll;

use host_harness::Limits;
use host_harness::conformance::{CALL, Conformance, ExaminationError, Kit, examine};
use host_harness::document::ErrorDocument;

use self::subprocess_poll::SubprocessPoll;
use crate::args::{ConformanceArgs, ConformanceFormat, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::{Printer, print};

pub(crate) async fn main(args: &ConformanceArgs) -> Exit {
    let printer = Printer::new(if args.output == ConformanceFormat::Json { Format::Json } else { Format::Text });
    match conformance(args).await {
        Ok(conformance) => {
            let text = report::text(&conformance);
            let result = match args.output {
                ConformanceFormat::Junit => print(report::junit(&conformance).trim_end()),
                _ => printer.answer(&report::json(&conformance), &text),
            };
            match Failure::of_printing(result, text.lines().next_back().unwrap_or_default(), None) {
                Ok(()) if conformance.passed() => Exit::Succeeded,
                Ok(()) => Exit::JobFailed,
                Err(failure) => failure.print(&printer),
            }
        }
        Err(failure) => failure.print(&printer),
    }
}

async fn conformance(args: &ConformanceArgs) -> Result<Conformance, Failure> {
    let kit = Kit::read(&args.kit).map_err(|error| Failure::usage(&error.to_string()))?;
    let host = args.host.host()?;
    let bytes = host.read(&args.plugin).map_err(|error| Failure::load(&error, &args.plugin))?;
    let limits = args.host.limits();
    let limits = Limits { call: limits.call.min(CALL), ..limits };
    let elsewhere = SubprocessPoll { plugin: args.plugin.clone(), limits, cache: args.host.cache.clone() };
    examine(&host, &bytes, &kit, &elsewhere).await.map_err(|error| match error {
        ExaminationError::Load(error) => Failure::load(&error, &args.plugin),
        ExaminationError::Host(error) => error.into(),
        ExaminationError::Server(_) | ExaminationError::Grant(_) => without_server(&error),
    })
}

/// The failure of setting up the mock server, which is not a usage error.
fn without_server(error: &ExaminationError) -> Failure {
    let mut failure = Failure::usage("");
    failure.exit = Exit::CallFailed;
    failure.error = ErrorDocument::host("host", "no_server", error.to_string());
    failure
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_machine_without_a_server_is_no_wrong_usage() {
        let failure = without_server(&ExaminationError::Server(io::Error::other("no ports are left")));
        assert_eq!(failure.exit, Exit::CallFailed);
        assert_eq!(failure.message(), "no server could be opened on this machine: no ports are left");
    }
}
