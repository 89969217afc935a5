//! Reports on runs.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use plugin_guest::contract::{Link, NamedValue, Progress, Report, Step, StepStatus, Value};
use plugin_guest::report::{self, boolean, duration, integer, shorten, text};

use crate::connection::Connection;
use crate::pace::{Spent, poll_after_ms};
use crate::run::Run;
use crate::stitch::extraction::{Extraction, Phase, Standing};
use crate::stitch::job_name::JobName;

/// The most characters of a step's message: enough for a tap's traceback.
const MOST_STEP_CHARACTERS: usize = 8_000;

/// A report on `run` from the run alone, with an `event` of its source.
pub fn of_run(run: &Run, connection: &Connection, event: &str) -> Report {
    let mut metadata = vec![integer("source_id", run.source_id.get())];
    metadata.extend(run.source_name.as_ref().map(|name| text("source_name", name)));
    metadata.extend(run.client_id.map(|id| integer("client_id", id.get())));
    metadata.extend(run.job.as_ref().map(|job| text("job_name", job)));
    if run.attached {
        metadata.push(boolean("attached", true));
    }
    let links = run.client_id.zip(run.job.as_ref()).map(|(client_id, job)| Link {
        label: "extraction logs (Stitch API, needs the access token)".to_owned(),
        url: format!("{}/v4/{client_id}/extractions/{job}", connection.base_url),
    });
    let name = run.source_name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    Report {
        message: format!("source {}{name}: {event}", run.source_id),
        steps: Vec::new(),
        started_at: run.job.as_ref().and_then(JobName::began).map(|began| began.second.to_string()),
        completed_at: None,
        metadata,
        links: links.into_iter().collect(),
    }
}

/// A report on `run` with its row in Stitch's list.
pub fn of_extraction(run: &Run, connection: &Connection, extraction: &Extraction, event: &str) -> Report {
    let mut report = of_run(run, connection, event);
    report.metadata.extend(extraction.source_type.as_ref().map(|kind| text("source_type", kind)));
    for phase in &extraction.phases {
        if let Some(status) = phase.exit_status {
            report
                .metadata
                .push(NamedValue { name: format!("{}_exit_status", phase.name), value: Value::Integer(status) });
        }
    }
    report.metadata.extend(duration(None, extraction.start_time, extraction.completion_time()));
    report.steps = steps(extraction);
    report.started_at = extraction.start_time.map(|time| time.to_string()).or(report.started_at);
    report.completed_at = extraction.completion_time().map(|time| time.to_string());
    report
}

/// The phases of an extraction as steps. Statuses after a failed phase are ignored: Stitch reports 0 there, too.
fn steps(extraction: &Extraction) -> Vec<Step> {
    let standing = extraction.standing();
    let mut reached = true;
    let step = |phase: &Phase| {
        let status = match (&standing, phase.exit_status) {
            _ if phase.failed() => StepStatus::Failed,
            (Standing::Failed(_), _) if !reached => StepStatus::Unknown,
            (_, Some(_)) => StepStatus::Succeeded,
            (Standing::Terminated(_), None) => StepStatus::Cancelled,
            (_, None) if reached => StepStatus::Running,
            (_, None) => StepStatus::Pending,
        };
        reached &= status == StepStatus::Succeeded;
        Step {
            name: phase.name.to_owned(),
            status,
            exit_code: phase.exit_status,
            message: phase.description.as_deref().map(|text| shorten(text, MOST_STEP_CHARACTERS)),
        }
    };
    extraction.phases.iter().map(step).collect()
}

/// The progress of a run that goes on. The requested wait depends on the requests of this call.
pub fn running(mut run: Run, spent: Spent, report: Report) -> Progress {
    let poll_after_ms = poll_after_ms(spent, run.waited_ms);
    run.waited_ms = run.waited_ms.saturating_add(poll_after_ms);
    report::running(run.encode(), poll_after_ms, report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{extraction, row};
    use serde_json::json;

    fn statuses(changes: &[(&str, serde_json::Value)]) -> Vec<StepStatus> {
        let mut row = row("1.2.sync.x");
        for (name, value) in changes {
            row[name] = value.clone();
        }
        steps(&extraction(&row)).into_iter().map(|step| step.status).collect()
    }

    #[test]
    fn nothing_is_believed_past_the_phase_that_failed() {
        use StepStatus::{Failed, Succeeded, Unknown};
        assert_eq!(statuses(&[("tap_exit_status", json!(1))]), [Succeeded, Failed, Unknown]);
        assert_eq!(statuses(&[("discovery_exit_status", json!(1))]), [Failed, Unknown, Unknown]);
    }

    #[test]
    fn while_it_runs_one_phase_is_running_and_the_next_are_pending() {
        use StepStatus::{Pending, Running, Succeeded};
        let running =
            [("completion_time", json!(null)), ("tap_exit_status", json!(null)), ("target_exit_status", json!(null))];
        assert_eq!(statuses(&running), [Succeeded, Running, Pending]);
    }

    #[test]
    fn what_was_terminated_is_cancelled_and_not_running() {
        use StepStatus::{Cancelled, Succeeded};
        assert_eq!(statuses(&[("target_exit_status", json!(null))]), [Succeeded, Succeeded, Cancelled]);
    }
}
