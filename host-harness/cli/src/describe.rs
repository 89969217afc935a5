//! `host-harness describe`

use host_harness::document::DescriptorDocument;

use crate::args::DescribeArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{plugin_session, text};

pub(crate) async fn main(args: &DescribeArgs) -> Exit {
    let printer = Printer::new(args.output);
    match describe(args, &printer).await {
        Ok(()) => Exit::Succeeded,
        Err(failure) => failure.print(&printer),
    }
}

async fn describe(args: &DescribeArgs, printer: &Printer) -> Result<(), Failure> {
    let host = args.host.host()?;
    let plugin = host.load(args.file.path()).map_err(|error| Failure::load(&error, args.file.path()))?;
    let descriptor = plugin_session::describe(&plugin).await?;
    let text = text::descriptor(&descriptor);
    Failure::of_printing(printer.answer(&DescriptorDocument::from(&descriptor), &text), &text, None)
}
