//! Foreign runs: of other plugins, or of formats that the plugin no longer understands.

use serde_json::{Map, Value, json};

use crate::conformance::kit::run_format::RunFormat;

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

/// Runs that the plugin which wrote `own` must refuse: foreign, damaged, or of another format or version. Where runs have
/// no format, an object with all that a run has is spared: nobody can tell who wrote it.
pub(crate) fn foreign_runs(own: &str, format: &RunFormat) -> Vec<String> {
    let mut runs: Vec<String> = OTHERS.iter().map(|run| (*run).to_owned()).collect();
    runs.push(damaged(own));
    // Only JSON is cut: a part of a mere text may be a valid run.
    if let Ok(Value::Object(fields)) = serde_json::from_str(own) {
        let half = own.char_indices().nth(own.chars().count() / 2).map_or(0, |(at, _)| at);
        runs.extend([own[..half].to_owned(), own[half..].to_owned()]);
        match version(&fields, format) {
            Some((name, version)) => runs.extend(of_version(&fields, name, version)),
            None if *format == RunFormat::Absent => runs.retain(|run| !has_all(run, &fields)),
            None => {}
        }
    }
    runs.retain(|run| run != own);
    runs
}

/// The flaw of a kit that says another thing of its runs' format than the run that the plugin wrote.
pub(crate) fn of_format(own: &str, format: &RunFormat) -> Option<String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(own) else { return None };
    match (format, version(&fields, &RunFormat::Usual)) {
        (RunFormat::Member(name), _) if !fields.contains_key(name) => {
            Some(format!("run-format is {name:?}, which the plugin's run does not have"))
        }
        (RunFormat::Absent, Some((name, version))) => {
            Some(format!("run-format is false, and the plugin's run has the format {version} in its {name}"))
        }
        _ => None,
    }
}

/// The member that holds the format, and its value.
fn version<'a>(fields: &'a Map<String, Value>, format: &'a RunFormat) -> Option<(&'a str, &'a Value)> {
    match format {
        RunFormat::Member(name) => fields.get(name).map(|value| (&**name, value)),
        RunFormat::Usual | RunFormat::Absent => FORMAT.iter().find_map(|name| {
            let value = fields.get(*name).filter(|value| later(value).is_some())?;
            Some((*name, value))
        }),
    }
}

/// True if the run is an object with all of these members.
fn has_all(run: &str, fields: &Map<String, Value>) -> bool {
    let Ok(Value::Object(found)) = serde_json::from_str(run) else { return false };
    fields.keys().all(|name| found.contains_key(name))
}

/// The same fields with another format or a later version, and other fields with the same format.
fn of_version(fields: &Map<String, Value>, name: &str, format: &Value) -> Vec<String> {
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

    fn usual(own: &str) -> Vec<String> {
        foreign_runs(own, &RunFormat::Usual)
    }

    #[test]
    fn a_plugins_own_run_is_cut_renamed_raised_and_emptied() {
        let runs = usual(r#"{"format":"acme/1","id":7}"#);
        for run in [
            r#"{"format":"ac"#,
            r#"me/1","id":7}"#,
            r#"{"format":"another-plugin/1","id":7}"#,
            r#"{"another":"field","format":"acme/1"}"#,
            r#"{"format":"acme/1001","id":7}"#,
        ] {
            assert!(runs.contains(&run.to_owned()), "{run}: {runs:#?}");
        }
        assert!(usual(r#"{"v":1}"#).contains(&r#"{"v":1001}"#.to_owned()));
        // Without a version in it, it is not a format.
        let runs = usual(r#"{"schema":"crm","v":1}"#);
        assert!(runs.contains(&r#"{"schema":"crm","v":1001}"#.to_owned()), "{runs:#?}");
    }

    #[test]
    fn a_run_of_any_text_is_never_refused_itself_nor_a_part_of_it_that_may_be_one() {
        for own in ["", "é", "1", "v1 7", "x", r#"{"é":"é"}"#] {
            assert!(!usual(own).contains(&own.to_owned()));
        }
        assert!(!usual("acme/1:1234").contains(&"acme/".to_owned()));
    }

    #[test]
    fn a_format_in_a_member_of_the_kits_choice_is_raised_and_renamed() {
        let kind = RunFormat::Member("kind".to_owned());
        let runs = foreign_runs(r#"{"id":7,"kind":"acme/1"}"#, &kind);
        for run in [r#"{"id":7,"kind":"another-plugin/1"}"#, r#"{"id":7,"kind":"acme/1001"}"#] {
            assert!(runs.contains(&run.to_owned()), "{run}: {runs:#?}");
        }
        assert_eq!(of_format(r#"{"kind":"acme/1"}"#, &kind), None);
        let flaw = of_format(r#"{"id":7}"#, &kind);
        assert_eq!(flaw.as_deref(), Some("run-format is \"kind\", which the plugin's run does not have"));
    }

    #[test]
    fn without_a_format_an_object_of_the_same_members_is_spared_and_nothing_else() {
        let own = r#"{"id":7}"#;
        let runs = foreign_runs(own, &RunFormat::Absent);
        assert!(usual(own).contains(&r#"{"id":1}"#.to_owned()) && !runs.contains(&r#"{"id":1}"#.to_owned()));
        assert_eq!(runs.len() + 1, usual(own).len());
        assert_eq!(of_format(own, &RunFormat::Absent), None);
        // Where there is a format, it is no excuse.
        let own = r#"{"format":"acme/1","id":7}"#;
        assert_eq!(foreign_runs(own, &RunFormat::Absent), usual(own));
        let flaw = of_format(own, &RunFormat::Absent);
        let expected = "run-format is false, and the plugin's run has the format \"acme/1\" in its format";
        assert_eq!(flaw.as_deref(), Some(expected));
    }
}
