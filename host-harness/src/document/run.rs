//! A run as JSON: `#/$defs/run` of the schema.

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::{ValueDocument, object};
use crate::contract::{Link, Progress, Report, Step};

/// A run that goes on or has ended, with its report.
#[derive(Clone, Debug, Serialize)]
pub struct RunDocument<'a> {
    verdict: Option<&'static str>,
    #[serde(flatten)]
    report: ReportDocument<'a>,
    run: Option<&'a str>,
    poll_after_ms: Option<u64>,
    requests: usize,
}

#[derive(Clone, Debug, Serialize)]
struct ReportDocument<'a> {
    message: &'a str,
    steps: Vec<StepDocument<'a>>,
    started_at: Option<&'a str>,
    completed_at: Option<&'a str>,
    metadata: BTreeMap<&'a str, ValueDocument<'a>>,
    links: Vec<LinkDocument<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct StepDocument<'a> {
    name: &'a str,
    status: &'static str,
    exit_code: Option<i64>,
    message: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
struct LinkDocument<'a> {
    label: &'a str,
    url: &'a str,
}

impl<'a> RunDocument<'a> {
    /// What a plugin answered. `run` is what the call was made with, shown where the run has ended; `requests` is how many
    /// requests were made in all.
    pub fn new(progress: &'a Progress, run: Option<&'a str>, requests: usize) -> Self {
        let report = progress.report().into();
        match progress {
            Progress::Running(running) => Self {
                verdict: None,
                report,
                run: Some(&running.run),
                poll_after_ms: Some(running.poll_after_ms),
                requests,
            },
            Progress::Finished(finished) => {
                Self { verdict: Some(finished.verdict.as_str()), report, run, poll_after_ms: None, requests }
            }
        }
    }
}

impl<'a> From<&'a Report> for ReportDocument<'a> {
    fn from(report: &'a Report) -> Self {
        Self {
            message: &report.message,
            steps: report.steps.iter().map(Into::into).collect(),
            started_at: report.started_at.as_deref(),
            completed_at: report.completed_at.as_deref(),
            metadata: object(&report.metadata),
            links: report.links.iter().map(|Link { label, url }| LinkDocument { label, url }).collect(),
        }
    }
}

impl<'a> From<&'a Step> for StepDocument<'a> {
    fn from(step: &'a Step) -> Self {
        let Step { name, status, exit_code, message } = step;
        Self { name, status: status.as_str(), exit_code: *exit_code, message: message.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{Finished, NamedValue, Running, StepStatus, Value, Verdict};

    fn report() -> Report {
        Report {
            message: "loading".to_owned(),
            steps: vec![Step { name: "tap".to_owned(), status: StepStatus::Failed, exit_code: Some(1), message: None }],
            started_at: Some("2024-01-01T00:00:00Z".to_owned()),
            completed_at: None,
            metadata: vec![
                NamedValue { name: "rows".to_owned(), value: Value::Integer(7) },
                NamedValue { name: "late".to_owned(), value: Value::Boolean(true) },
            ],
            links: vec![Link { label: "Log".to_owned(), url: "https://example.com".to_owned() }],
        }
    }

    #[test]
    fn a_finished_run_has_the_documented_shape() {
        let mut report = report();
        report.metadata.push(NamedValue { name: "odd".to_owned(), value: Value::Decimal(f64::NAN) });
        let finished = Progress::Finished(Finished { verdict: Verdict::Failed, report });
        assert_eq!(
            serde_json::to_value(RunDocument::new(&finished, Some("r1"), 3)).unwrap(),
            json!({
                "verdict": "failed",
                "message": "loading",
                "steps": [{"name": "tap", "status": "failed", "exit_code": 1, "message": null}],
                "started_at": "2024-01-01T00:00:00Z",
                "completed_at": null,
                "metadata": {"late": true, "odd": null, "rows": 7},
                "links": [{"label": "Log", "url": "https://example.com"}],
                "run": "r1",
                "poll_after_ms": null,
                "requests": 3,
            })
        );
    }

    #[test]
    fn a_run_keeps_to_the_published_schema() {
        let schema = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let running = Progress::Running(Running { run: "r2".to_owned(), poll_after_ms: 20_000, report: report() });
        let finished = Progress::Finished(Finished { verdict: Verdict::Skipped, report: report() });
        for document in [RunDocument::new(&running, Some("r1"), 1), RunDocument::new(&finished, None, 1)] {
            let document = json!(document);
            assert!(schema.is_valid(&document), "{document:#}");
        }
    }
}
