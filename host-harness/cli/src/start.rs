//! Calls that may start a run: a first interrupt waits for the answer.

use std::convert::Infallible;
use std::future::Future;

use host_harness::Call;
use host_harness::contract::Progress;
use host_harness::document::RunDocument;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::printer::Printer;
use crate::terminal::mark;
use crate::text;
use crate::text::running;

/// Waits for the answer to `trigger` or `settle`, which may start a run even after an interrupt, and prints it. A
/// second interrupt leaves at once.
pub(crate) async fn answered(
    call: impl Future<Output = Call<Progress>>,
    printer: &Printer,
    interrupts: Interrupts,
) -> Result<Exit, Failure> {
    interrupts.count();
    let first = async {
        interrupts.clone().reach(1).await;
        printer.note(&format!(
            "{}: waiting for the answer to the trigger, which may start a run; interrupt again to leave at once",
            mark("interrupted")
        ));
        std::future::pending::<Infallible>().await
    };
    let call = tokio::select! {
        call = call => call,
        never = first => match never {},
        () = interrupts.clone().reach(2) => return Err(Failure::left(None)),
    };
    let (progress, requests) = Failure::or_started(call)?;
    let (document, text) = (RunDocument::new(&progress, None, requests), text::progress(&progress));
    Failure::of_printing(printer.answer(&document, &text), &text, running(&progress))?;
    Ok(if interrupts.any() { Exit::Interrupted } else { Exit::of_progress(&progress) })
}
