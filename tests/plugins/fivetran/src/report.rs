//! Reports on runs.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{Link, NamedValue, Progress, Report, Value};
use plugin_guest::report::{self, boolean, duration, finished, text};

use crate::connection::Connection;
use crate::moment::Moment;
use crate::run::Run;
use crate::standing::Standing;
use crate::sync::Sync;

/// The wait between two polls, in milliseconds: 120 polls an hour, some of which also read the history. An account has
/// 20,000 requests an hour.
const POLL_AFTER_MS: u64 = 30_000;

/// The progress of a run, by its connection and its sync in the history.
pub fn progress(run: &Run, connection: &Connection, sync: Option<&Sync>) -> Progress {
    let told = |event: &str| {
        let mut report = report(run, connection, event);
        report.started_at = sync.map(|sync| sync.began.to_string());
        report.metadata.extend(sync.into_iter().flat_map(facts));
        report
    };
    match Standing::of(run, connection, sync) {
        Standing::Running(event) => report::running(run.encode(), POLL_AFTER_MS, told(&event)),
        Standing::Ended(verdict, event, at) => {
            let mut report = told(&event);
            report.completed_at = at.map(|at| at.to_string());
            let began = sync.map(|sync| sync.began.second());
            report.metadata.extend(duration(None, began, at.map(Moment::second)));
            finished(verdict, report)
        }
    }
}

/// The facts of a sync in the history besides its state.
fn facts(sync: &Sync) -> impl Iterator<Item = NamedValue> {
    let volume = |(stage, megabytes): &(&str, f64)| NamedValue {
        name: format!("{stage}_mb"),
        value: Value::Decimal(*megabytes),
    };
    let id = sync.id.iter().map(|id| text("sync_id", id));
    id.chain(sync.volumes.iter().map(volume))
}

/// The progress of a run that goes on.
pub fn running(run: &Run, connection: &Connection, event: &str) -> Progress {
    report::running(run.encode(), POLL_AFTER_MS, report(run, connection, event))
}

/// The report on a run without the history. Fivetran has no steps.
pub fn report(run: &Run, connection: &Connection, event: &str) -> Report {
    let id = &run.connection_id;
    let traces = &connection.traces;
    let mut metadata = vec![text("connection_id", id)];
    metadata.extend(connection.service.as_ref().map(|service| text("service", service)));
    metadata.extend(connection.schema.as_ref().map(|schema| text("schema", schema)));
    metadata.extend(traces.succeeded_at.map(|at| text("succeeded_at", at)));
    metadata.extend(traces.failed_at.map(|at| text("failed_at", at)));
    metadata.extend(traces.rescheduled_for.map(|at| text("rescheduled_for", at)));
    if run.attached {
        metadata.push(boolean("attached", true));
    }
    let url = format!("https://fivetran.com/dashboard/connections/{id}");
    Report {
        message: format!("connection {id}: {event}"),
        steps: Vec::new(),
        started_at: None,
        completed_at: None,
        metadata,
        links: vec![Link { label: "the connection in Fivetran's dashboard".to_owned(), url }],
    }
}
