//! A report as it is kept and printed.

use serde_json::{Map, Value as Json, json};

use crate::contract::{Report, Value};

pub(super) fn json(report: &Report) -> Json {
    let steps = report.steps.iter().map(|step| {
        json!({
            "name": step.name, "status": step.status.as_str(), "exit_code": step.exit_code, "message": step.message,
        })
    });
    let metadata = report.metadata.iter().map(|named| {
        let value = match &named.value {
            Value::Text(text) => json!(text),
            Value::Integer(number) => json!(number),
            Value::Decimal(number) => json!(number),
            Value::Boolean(truth) => json!(truth),
        };
        (named.name.clone(), value)
    });
    json!({
        "message": report.message,
        "steps": steps.collect::<Vec<_>>(),
        "started_at": report.started_at,
        "completed_at": report.completed_at,
        "metadata": metadata.collect::<Map<_, _>>(),
        "links": report.links.iter().map(|link| json!({"label": link.label, "url": link.url})).collect::<Vec<_>>(),
    })
}
