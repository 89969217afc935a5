//! Foreign runs: of other plugins, or of formats that the plugin no longer understands.

use serde_json::{Map, Value, json};

/// Runs of other plugins.
const OTHERS: [&str; 9] = [
    "",
    "x",
    "1",
    "null",
    "{}",
    "[]",
    r#"{"id":1}"#,
    "00000000-0000-4000-8000-000000000000",
    r#"{"format":"another-plugin/1"}"#,
];

/// The names under which a run may hold its format and version.
const FORMAT: [&str; 5] = ["format", "format_version", "schema", "version", "v"];

/// A run that the plugin which wrote `own` must refuse, whatever its format.
pub(crate) fn damaged(own: &str) -> String {
    format!("another-plugin {own}")
}

/// Runs that the plugin which wrote `own` must refuse: foreign, damaged, or of another format or version.
pub(crate) fn foreign_runs(own: &str) -> Vec<String> {
    let mut runs: Vec<String> = OTHERS.iter().map(|run| (*run).to_owned()).collect();
    runs.push(damaged(own));
    // Only JSON is cut: a part of a mere text may be a valid run.
    if let Ok(Value::Object(fields)) = serde_json::from_str(own) {
        let half = own.char_indices().nth(own.chars().count() / 2).map_or(0, |(at, _)| at);
        runs.extend([own[..half].to_owned(), own[half..].to_owned()]);
        runs.extend(of_fields(&fields));
    }
    runs.retain(|run| run != own);
    runs
}

/// The same fields with another format or a later version, and other fields with the same format.
fn of_fields(fields: &Map<String, Value>) -> Vec<String> {
    let version = |name: &&'static str| Some((*name, fields.get(*name).filter(|format| later(format).is_some())?));
    let Some((name, format)) = FORMAT.iter().find_map(version) else {
        return Vec::new();
    };
    let with = |format: Value| {
        let mut fields = fields.clone();
        fields.insert(name.to_owned(), format);
        Value::Object(fields).to_string()
    };
    let other = json!({ name: format, "another": "field" }).to_string();
    let mut runs = vec![with(json!("another-plugin/1")), other];
    runs.extend(later(format).map(with));
    runs
}

/// The format with a higher number at its end.
fn later(format: &Value) -> Option<Value> {
    match format {
        Value::Number(number) => Some(json!(number.as_u64()?.checked_add(1_000)?)),
        Value::String(text) => {
            let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
            let number: u64 = text[name.len()..].parse().ok()?;
            Some(json!(format!("{name}{}", number.checked_add(1_000)?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_own_run_is_cut_renamed_raised_and_emptied() {
        let runs = foreign_runs(r#"{"format":"acme/1","id":7}"#);
        for run in [
            r#"{"format":"ac"#,
            r#"me/1","id":7}"#,
            r#"{"format":"another-plugin/1","id":7}"#,
            r#"{"another":"field","format":"acme/1"}"#,
            r#"{"format":"acme/1001","id":7}"#,
        ] {
            assert!(runs.contains(&run.to_owned()), "{run}: {runs:#?}");
        }
        assert!(foreign_runs(r#"{"v":1}"#).contains(&r#"{"v":1001}"#.to_owned()));
        // Without a version in it, it is not a format.
        let runs = foreign_runs(r#"{"schema":"crm","v":1}"#);
        assert!(runs.contains(&r#"{"schema":"crm","v":1001}"#.to_owned()), "{runs:#?}");
    }

    #[test]
    fn a_run_of_any_text_is_never_refused_itself_nor_a_part_of_it_that_may_be_one() {
        for own in ["", "é", "1", "v1 7", "x", r#"{"é":"é"}"#] {
            assert!(!foreign_runs(own).contains(&own.to_owned()));
        }
        assert!(!foreign_runs("acme/1:1234").contains(&"acme/".to_owned()));
    }
}
