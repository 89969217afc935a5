//! `host-harness check`

use host_harness::contract::FindingStatus;
use host_harness::document::FindingsDocument;

use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plugin_session::PluginSession;
use crate::printer::Printer;
use crate::text;

pub(crate) async fn main(args: &CheckArgs) -> Exit {
    let mut printer = Printer::new(args.output);
    match check(args, &mut printer).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn check(args: &CheckArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = PluginSession::open(&args.plugin, printer).await?;
    let (findings, requests) = Failure::or_answer(session.plugin.check(&session.arguments).await, None)?;
    let text = text::findings(&findings);
    Failure::of_printing(printer.answer(&FindingsDocument::new(&findings, requests), &text), &text, None)?;
    let problem = findings.iter().any(|finding| finding.status == FindingStatus::Problem);
    Ok(if problem { Exit::JobFailed } else { Exit::Succeeded })
}
