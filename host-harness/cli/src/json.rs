//! What is printed as JSON. The shape is documented in docs/output.md and docs/output.schema.json.

use std::collections::BTreeMap;

use host_harness::contract::{Descriptor, Field, Finding, NamedValue, Progress, Report, TaskError, Value};
use host_harness::{ComponentInfo, Offer};
use serde_json::json;

use crate::inspect::Inspection;

type Json = serde_json::Value;

/// A run that goes on or has ended.
pub(crate) fn progress(progress: &Progress, run: Option<&str>, requests: usize) -> Json {
    let (verdict, run, poll_after_ms) = match progress {
        Progress::Running(running) => (None, Some(&*running.run), Some(running.poll_after_ms)),
        Progress::Finished(finished) => (Some(finished.verdict.as_str()), run, None),
    };
    let Report { message, steps, started_at, completed_at, metadata, links } = progress.report();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            json!({
                "name": step.name,
                "status": step.status.as_str(),
                "exit_code": step.exit_code,
                "message": step.message,
            })
        })
        .collect();
    let links: Vec<_> = links.iter().map(|link| json!({"label": link.label, "url": link.url})).collect();
    json!({
        "verdict": verdict,
        "message": message,
        "steps": steps,
        "started_at": started_at,
        "completed_at": completed_at,
        "metadata": named(metadata),
        "links": links,
        "run": run,
        "poll_after_ms": poll_after_ms,
        "requests": requests,
    })
}

/// A call that failed: the plugin's own error.
pub(crate) fn task_error(error: &TaskError) -> Json {
    json!({
        "kind": error.kind.as_str(),
        "code": error.code,
        "message": error.message,
        "raw_message": error.raw_message,
        "http_status": error.http_status,
        "retry_after_ms": error.retry_after_ms,
        "may_have_started": error.may_have_started,
    })
}

/// An error that no plugin answered with.
pub(crate) fn host_error(kind: &str, code: &str, message: &str) -> Json {
    json!({
        "kind": kind,
        "code": code,
        "message": message,
        "raw_message": null,
        "http_status": null,
        "retry_after_ms": null,
        "may_have_started": null,
    })
}

/// What a check found.
pub(crate) fn findings(findings: &[Finding], requests: usize) -> Json {
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code,
                "status": finding.status.as_str(),
                "message": finding.message,
            })
        })
        .collect();
    json!({"findings": findings, "requests": requests})
}

/// What a plugin says of itself.
pub(crate) fn descriptor(descriptor: &Descriptor) -> Json {
    let fields = |fields: &[Field]| fields.iter().map(field).collect::<Vec<_>>();
    json!({
        "name": descriptor.name,
        "version": descriptor.version,
        "tool": descriptor.tool,
        "parameters": fields(&descriptor.parameters),
        "connection": fields(&descriptor.connection),
        "origins": descriptor.origins,
        "poll_budget": descriptor.poll_budget.as_ref().map(|budget| {
            json!({"requests": budget.requests, "window_ms": budget.window_ms})
        }),
    })
}

/// What a component is made of, as far as it could be read.
pub(crate) fn anatomy(anatomy: &ComponentInfo) -> Json {
    let imports = anatomy.imports.iter().map(|import| {
        let offer = Offer::of(import);
        json!({"name": import, "offered": matches!(offer, Offer::Offered(_)), "meaning": offer.to_string()})
    });
    json!({
        "imports": imports.collect::<Vec<_>>(),
        "exports": anatomy.exports,
        "modules": anatomy.modules,
        "functions": anatomy.functions,
        "code_bytes": anatomy.code,
        "largest_function_bytes": anatomy.largest_function,
        "weight": anatomy.weight,
        "validation": anatomy.validation,
        "memory_bytes": anatomy.memory,
    })
}

/// What is known of a file before anyone trusts it.
pub(crate) fn inspection(inspection: &Inspection<'_>) -> Json {
    json!({
        "file": inspection.file,
        "bytes": inspection.bytes,
        "sha256": inspection.sha256,
        "anatomy": inspection.anatomy.as_ref().map(anatomy),
        "descriptor": inspection.descriptor.as_ref().map(descriptor),
        "error": inspection.error,
    })
}

fn field(field: &Field) -> Json {
    json!({
        "name": field.name,
        "label": field.label,
        "description": field.description,
        "kind": field.kind.as_str(),
        "required": field.required,
        "secret": field.secret,
        "one_of": field.restrictions.one_of,
        "minimum": field.restrictions.minimum,
        "maximum": field.restrictions.maximum,
        "default": field.default.as_ref().map(value),
        "example": field.example.as_ref().map(value),
    })
}

fn named(values: &[NamedValue]) -> BTreeMap<&str, Json> {
    values.iter().map(|named| (&*named.name, value(&named.value))).collect()
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Decimal(number) => json!(number),
        Value::Boolean(truth) => json!(truth),
    }
}

#[cfg(test)]
mod tests {
    use host_harness::contract::{ErrorKind, Finished, Link, Running, Step, StepStatus, Verdict};

    use super::*;
    use crate::failure::Failure;

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

    fn task_failure() -> Json {
        let error = TaskError {
            kind: ErrorKind::Unavailable,
            code: "busy".to_owned(),
            message: "try later".to_owned(),
            raw_message: Some("503".to_owned()),
            http_status: Some(503),
            retry_after_ms: Some(1000),
            may_have_started: false,
        };
        json!({
            "error": task_error(&error),
            "exceeded": [{"limit": "cpu", "value": "1s"}],
            "hints": ["wait"],
            "run": null,
            "requests": 1,
        })
    }

    #[test]
    fn a_finished_run_has_the_documented_shape() {
        let finished = Progress::Finished(Finished { verdict: Verdict::Failed, report: report() });
        assert_eq!(
            progress(&finished, Some("r1"), 3),
            json!({
                "verdict": "failed",
                "message": "loading",
                "steps": [{"name": "tap", "status": "failed", "exit_code": 1, "message": null}],
                "started_at": "2024-01-01T00:00:00Z",
                "completed_at": null,
                "metadata": {"late": true, "rows": 7},
                "links": [{"label": "Log", "url": "https://example.com"}],
                "run": "r1",
                "poll_after_ms": null,
                "requests": 3,
            })
        );
    }

    #[test]
    fn every_document_keeps_to_the_published_schema() {
        let schema: Json = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let running = Progress::Running(Running { run: "r2".to_owned(), poll_after_ms: 20_000, report: report() });
        let finished = Progress::Finished(Finished { verdict: Verdict::Skipped, report: report() });
        for document in [
            progress(&running, Some("r1"), 1),
            progress(&finished, None, 1),
            task_failure(),
            Failure::usage("no such thing").document(),
            inspection(&Inspection { file: "a.wasm", ..Inspection::default() }),
            inspection(&Inspection {
                file: "a.wasm",
                anatomy: Some(ComponentInfo {
                    imports: vec!["wasi:io/poll@0.2.0".to_owned()],
                    ..ComponentInfo::default()
                }),
                error: Some(host_error("host", "not_loaded", "it is no WebAssembly component")),
                ..Inspection::default()
            }),
        ] {
            assert!(schema.is_valid(&document), "{document:#}");
        }
        assert!(!schema.is_valid(&json!({"verdict": "succeeded"})));
    }

    #[test]
    fn the_documented_examples_keep_to_the_published_schema() {
        let schema: Json = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let examples = include_str!("../../docs/output.md").split("```json").skip(1);
        let documents = examples.map(|rest| rest.split("```").next().unwrap_or_default());
        for document in documents {
            assert!(schema.is_valid(&serde_json::from_str(document).unwrap()), "{document}");
        }
    }
}
