//! What is said of a run.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{Link, Progress, Report, Verdict};
use plugin_guest::report::{self, boolean, finished, text};

use crate::connection::{Connection, Standing};
use crate::run::Run;

/// How long to wait between two looks, in milliseconds: a run spends 120 of the 20,000 requests that an account has an hour.
const POLL_AFTER_MS: u64 = 30_000;

/// Where the run stands.
pub fn progress(run: &Run, connection: &Connection) -> Progress {
    match connection.standing(&run.before) {
        Standing::Running(event) => running(run, connection, &event),
        Standing::Ended(verdict, event) => {
            let mut report = report(run, connection, &event);
            let ended_at = match verdict {
                Verdict::Succeeded => connection.traces.succeeded_at,
                Verdict::Failed => {
                    connection.traces.failed_at.filter(|_| connection.traces.failed_at > run.before.failed_at)
                }
                _ => None,
            };
            report.completed_at = ended_at.map(|at| at.to_string());
            finished(verdict, report)
        }
    }
}

/// The run goes on.
pub fn running(run: &Run, connection: &Connection, event: &str) -> Progress {
    let report = report(run, connection, event);
    report::running(run.encode(), POLL_AFTER_MS, report)
}

/// What is known of a run. Fivetran has no steps, and does not tell when a sync began.
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
