//! Answers in one form, whichever runtime they come from: that of our host's JSON documents, without what is null.

use serde_json::{Map, Value};

/// An answer as a runtime's language has it, in our form: variants are `{"tag", "val"}`, names are in any case.
pub(crate) fn normal(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(mut members) if members.contains_key("tag") => {
            let (tag, value) = (members.remove("tag"), members.remove("val").unwrap_or_default());
            untagged(tag.as_ref().and_then(Value::as_str).unwrap_or_default(), normal(value))
        }
        Value::Object(members) => match members.get("error") {
            Some(error) => normal(error.clone()),
            None => members.into_iter().filter(|(_, value)| !value.is_null()).map(member).collect(),
        },
        other => other,
    }
}

/// A case of a variant. A run that goes on or has ended is flat, and of a value only the value is left.
fn untagged(tag: &str, value: Value) -> Value {
    match value {
        Value::Object(mut members) if ["running", "finished"].contains(&tag) => {
            let Some(Value::Object(report)) = members.remove("report") else { return Value::Object(members) };
            Value::Object(members.into_iter().chain(report).collect())
        }
        other => other,
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let name = in_snake_case(&name);
    let value = match (name.as_str(), normal(value)) {
        ("kind", Value::String(kind)) => Value::String(in_snake_case(&kind)),
        ("metadata", Value::Array(values)) => values.into_iter().filter_map(named).collect::<Map<_, _>>().into(),
        (_, value) => value,
    };
    (name, value)
}

fn named(value: Value) -> Option<(String, Value)> {
    let Value::Object(mut members) = value else { return None };
    Some((members.remove("name")?.as_str()?.to_owned(), members.remove("value")?))
}

/// A name in kebab-case or camelCase in `snake_case`.
fn in_snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    snake
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_the_same_from_every_language() {
        let expected =
            json!({"run": "r", "poll_after_ms": 20, "message": "it runs", "steps": [], "metadata": {"rows": 7}});
        let javascript = json!({"tag": "running", "val": {"run": "r", "pollAfterMs": 20, "report": {
            "message": "it runs", "steps": [], "metadata": [{"name": "rows", "value": {"tag": "integer", "val": 7}}]}}});
        let python = json!({"tag": "running", "val": {"run": "r", "poll-after-ms": 20, "report": {
            "message": "it runs", "steps": [], "started-at": null, "metadata": [{"name": "rows", "value": 7}]}}});
        assert_eq!(normal(javascript), expected);
        assert_eq!(normal(python), expected);
    }

    #[test]
    fn an_error_is_the_same_from_every_language() {
        let expected = json!({"kind": "outcome_unknown", "code": "no_answer", "may_have_started": true});
        let error = json!({"kind": "outcome-unknown", "code": "no_answer", "mayHaveStarted": true});
        assert_eq!(normal(json!({"error": error})), expected);
        let python =
            json!({"kind": "outcome-unknown", "code": "no_answer", "may-have-started": true, "raw-message": null});
        assert_eq!(normal(python), expected);
    }
}
