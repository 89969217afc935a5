//! `host-harness inspect`

use host_harness::contract::Descriptor;
use host_harness::document::ErrorDocument;
use host_harness::{ComponentInfo, sha256};

use crate::args::{DescribeArgs, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json::InspectionDocument;
use crate::printer::Printer;
use crate::{plugin_session, text};

/// An inspection: what is known of a file before anyone trusts it.
#[derive(Debug, Default)]
pub(crate) struct Inspection<'a> {
    pub(crate) file: &'a str,
    pub(crate) bytes: usize,
    pub(crate) sha256: String,
    /// None if it is not a component.
    pub(crate) anatomy: Option<ComponentInfo>,
    /// None if it could not be described.
    pub(crate) descriptor: Option<Descriptor>,
    /// The reason why it cannot be run here.
    pub(crate) error: Option<ErrorDocument>,
}

pub(crate) async fn main(args: &DescribeArgs) -> Exit {
    let printer = Printer::new(args.output);
    match inspect(args, &printer).await {
        Ok(exit) => exit,
        Err(failure) => failure.print(&printer),
    }
}

async fn inspect(args: &DescribeArgs, printer: &Printer) -> Result<Exit, Failure> {
    let host = args.host.host()?;
    let bytes = host.read(args.file.path()).map_err(|error| Failure::load(&error, args.file.path()))?;
    let file = args.file.path().display().to_string();
    let mut inspection = Inspection {
        file: &file,
        bytes: bytes.len(),
        sha256: sha256(&bytes),
        anatomy: host.anatomy(&bytes).ok(),
        ..Inspection::default()
    };
    let described = match host.load_bytes(&bytes) {
        Ok(plugin) => plugin_session::describe(&plugin).await,
        Err(error) => Err(Failure::load(&error, args.file.path())),
    };
    let failure = match described {
        Ok(descriptor) => {
            inspection.descriptor = Some(descriptor);
            None
        }
        Err(failure) => {
            inspection.error = Some(failure.error.clone());
            Some(failure)
        }
    };
    let text = text::inspection(&inspection);
    Failure::of_printing(printer.answer(&InspectionDocument::from(&inspection), &text), &text, None)?;
    Ok(match failure {
        None => Exit::Succeeded,
        Some(failure) if args.output == Format::Json => failure.exit,
        Some(failure) => failure.print(printer),
    })
}
