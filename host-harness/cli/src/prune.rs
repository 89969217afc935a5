//! `host-harness runs prune`

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use host_harness::store::{PipelineRunId, Pruned, Store, StoreError};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::runs::tell_owner;

pub(crate) fn main(store: &Path, older_than: Duration, dry_run: bool, printer: &Printer) -> Exit {
    // The bounds of the age prevent an overflow.
    let before = Timestamp::now().checked_sub(older_than).unwrap_or(Timestamp::MIN);
    let pruned = match pruned(store, before, dry_run, printer) {
        Ok(pruned) => pruned,
        Err(error) => return Failure::store(&error).print(printer),
    };
    let told = printer.answer(&document(&pruned, before, dry_run), &text(&pruned, before, dry_run));
    match Failure::of_printing(told, "", None) {
        Ok(()) => Exit::Succeeded,
        Err(failure) => failure.print(printer),
    }
}

fn pruned(path: &Path, before: Timestamp, dry_run: bool, printer: &Printer) -> Result<Pruned, StoreError> {
    // Fails on a missing store, which `open` would create.
    Store::open_to_read(path)?;
    let mut store = Store::open(path)?;
    tell_owner(&store, path, printer);
    store.prune(before, dry_run)
}

fn text(pruned: &Pruned, before: Timestamp, dry_run: bool) -> String {
    let runs = |runs: &[PipelineRunId]| match runs.len() {
        1 => "1 run".to_owned(),
        many => format!("{many} runs"),
    };
    let would = if dry_run { "would delete" } else { "deleted" };
    let mut text = format!("{would} {} that ended before {before:.0}", runs(&pruned.runs));
    if !pruned.held.is_empty() {
        _ = write!(text, "; kept {} held by another process", runs(&pruned.held));
    }
    text
}

fn document(pruned: &Pruned, before: Timestamp, dry_run: bool) -> Value {
    let ids = |runs: &[PipelineRunId]| runs.iter().map(|id| id.0).collect::<Vec<_>>();
    json!({
        "deleted": ids(&pruned.runs),
        "held": ids(&pruned.held),
        "ended_before": before.to_string(),
        "dry_run": dry_run,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pruned(runs: &[i64], held: &[i64]) -> Pruned {
        let ids = |ids: &[i64]| ids.iter().copied().map(PipelineRunId).collect();
        Pruned { runs: ids(runs), held: ids(held) }
    }

    #[test]
    fn it_says_how_many_runs_were_deleted_and_which_were_not() {
        let (before, dry_run) = (Timestamp::UNIX_EPOCH, true);
        assert_eq!(text(&pruned(&[], &[]), before, false), "deleted 0 runs that ended before 1970-01-01T00:00:00Z");
        assert_eq!(
            text(&pruned(&[1, 2], &[3]), before, dry_run),
            "would delete 2 runs that ended before 1970-01-01T00:00:00Z; kept 1 run held by another process"
        );
    }

    #[test]
    fn its_document_fits_the_published_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let document = document(&pruned(&[1, 2], &[3]), Timestamp::UNIX_EPOCH, false);
        let errors: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}
