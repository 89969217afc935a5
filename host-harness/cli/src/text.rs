//! Text output. What a plugin says never begins a line, where it could pass for the host's words.

use std::fmt::Write;

use host_harness::contract::{Descriptor, Field, Finding, Progress, Report, Value};
use host_harness::{ComponentInfo, Function, Offer};

use crate::inspect::Inspection;
use crate::terminal::{mark, unmarked};

/// The run to store, if it goes on.
pub(crate) fn running(progress: &Progress) -> Option<&str> {
    match progress {
        Progress::Running(running) => Some(&running.run),
        Progress::Finished(_) => None,
    }
}

/// A run that goes on or has ended.
pub(crate) fn progress(progress: &Progress) -> String {
    let (verdict, run) = match progress {
        Progress::Running(running) => ("running", format!("run: {}\n", indented(&running.run))),
        Progress::Finished(finished) => (finished.verdict.as_str(), String::new()),
    };
    format!("{}: {}{run}", mark(verdict), report(progress.report()))
}

/// A report, its message first.
fn report(report: &Report) -> String {
    let mut text = format!("{}\n", indented(&report.message));
    let widths = report.steps.iter().map(|step| step.name.chars().count());
    let width = widths.max().unwrap_or(0).min(WIDEST_NAME);
    for step in &report.steps {
        _ = write!(text, "  {:width$}  {}", in_one_line(&step.name), mark(&step.status.to_string()));
        if let Some(code) = step.exit_code.filter(|code| *code != 0) {
            _ = write!(text, " (exit code {code})");
        }
        if let Some(message) = &step.message {
            _ = write!(text, ": {}", indented(message));
        }
        text.push('\n');
    }
    let times = [("started", &report.started_at), ("completed", &report.completed_at)];
    for (name, time) in times {
        if let Some(time) = time {
            _ = writeln!(text, "{name}: {}", indented(time));
        }
    }
    for named in &report.metadata {
        _ = writeln!(text, "{}: {}", in_one_line(&named.name), indented(&named.value.to_string()));
    }
    for link in &report.links {
        _ = writeln!(text, "{}: {}", in_one_line(&link.label), indented(&link.url));
    }
    text
}

/// A check's findings, a line each.
pub(crate) fn findings(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let status = finding.status.to_string();
        let rest = 7usize.saturating_sub(status.len());
        format!("{}{:rest$}  {}\n", mark(&status), "", indented(&finding.message))
    };
    findings.iter().map(line).collect()
}

/// A plugin's descriptor.
pub(crate) fn descriptor(descriptor: &Descriptor) -> String {
    let [name, version, tool] = [&descriptor.name, &descriptor.version, &descriptor.tool].map(|text| in_one_line(text));
    let mut text = format!("{name} {version}: drives {tool}\n");
    for (title, fields) in [("parameters", &descriptor.parameters), ("connection", &descriptor.connection)] {
        _ = writeln!(text, "\n{title}");
        for field in fields {
            text.push_str(&self::field(field));
        }
    }
    if !descriptor.origins.is_empty() {
        _ = writeln!(text, "\nwants to reach {}", descriptor.origins.join(", "));
    }
    if let Some(budget) = &descriptor.poll_budget {
        let window = std::time::Duration::from_millis(budget.window_ms);
        let window = humantime::format_duration(window);
        _ = write!(text, "may be polled with {} requests in {window}", budget.requests);
        let paths = if budget.paths.is_empty() { String::new() } else { format!(" to {}", budget.paths.join(", ")) };
        _ = writeln!(text, "{}", in_one_line(&paths));
    }
    text
}

/// An inspection.
pub(crate) fn inspection(inspection: &Inspection<'_>) -> String {
    let Inspection { file, bytes, sha256, anatomy, descriptor, .. } = inspection;
    let mut text = format!("{file}: {bytes} bytes\nsha-256 {sha256}\n");
    if let Some(anatomy) = anatomy {
        text.push_str(&self::anatomy(anatomy));
    }
    if let Some(descriptor) = descriptor {
        _ = write!(text, "\nit says of itself\n{}", self::descriptor(descriptor));
    }
    text
}

fn anatomy(anatomy: &ComponentInfo) -> String {
    let mut text = format!(
        "{} functions in {} core modules: {} bytes of code, the largest {} bytes; weight {}, validation {}\n\
         {} bytes of memory at the start\n\nexports\n",
        anatomy.functions,
        anatomy.modules,
        anatomy.code,
        anatomy.largest_function,
        anatomy.weight,
        anatomy.validation,
        anatomy.memory
    );
    for export in &anatomy.exports {
        let functions: Vec<_> = Function::ALL.iter().filter(|function| function.interface() == export).collect();
        let names: Vec<_> = functions.iter().map(ToString::to_string).collect();
        let meaning = if names.is_empty() { "not used by this host".to_owned() } else { names.join(", ") };
        _ = writeln!(text, "  {export}: {meaning}");
    }
    text.push_str("\nimports\n");
    for import in &anatomy.imports {
        _ = writeln!(text, "  {import}: {}", Offer::of(import));
    }
    let line = |(name, text)| format!("  {name}: {}\n", in_one_line(text));
    let metadata: String = anatomy.metadata.texts().map(line).collect();
    if !metadata.is_empty() {
        _ = write!(text, "\nmetadata, as its author wrote it\n{metadata}");
    }
    text
}

fn field(field: &Field) -> String {
    let mut traits = vec![field.kind.to_string()];
    if field.required {
        traits.push("required".to_owned());
    }
    if field.secret {
        traits.push("secret".to_owned());
    }
    let restrictions = &field.restrictions;
    if !restrictions.one_of.is_empty() {
        traits.push(format!("one of {}", restrictions.one_of.join(", ")));
    }
    let mut with = |name: &str, value: Option<String>| {
        traits.extend(value.map(|value| format!("{name} {value}")));
    };
    with("at least", restrictions.minimum.map(|minimum| minimum.to_string()));
    with("at most", restrictions.maximum.map(|maximum| maximum.to_string()));
    with("default", field.default.as_ref().map(Value::to_string));
    with("for example", field.example.as_ref().map(Value::to_string));
    let (traits, description) = (in_one_line(&traits.join("; ")), indented(&field.description));
    format!("  {} ({}): {traits}\n      {description}\n", field.name, field.label)
}

/// The widest name that others are aligned with, in characters.
const WIDEST_NAME: usize = 40;

/// Indents all lines of a text but the first.
pub(crate) fn indented(text: &str) -> String {
    unmarked(text.trim()).replace('\n', "\n      ")
}

pub(crate) fn in_one_line(text: &str) -> String {
    unmarked(text.trim()).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use host_harness::contract::{
        FieldKind, Finished, Link, NamedValue, Restrictions, Running, Step, StepStatus, Verdict,
    };

    use super::*;

    #[test]
    fn a_report_reads_from_the_verdict_to_the_links() {
        let step = |name: &str, status, exit_code, message: Option<&str>| Step {
            name: name.to_owned(),
            status,
            exit_code,
            message: message.map(str::to_owned),
        };
        let finished = Progress::Finished(Finished {
            verdict: Verdict::Failed,
            report: Report {
                message: "the tap failed".to_owned(),
                steps: vec![
                    step("discovery", StepStatus::Succeeded, Some(0), None),
                    step("tap", StepStatus::Failed, Some(1), Some("first line\nsecond line")),
                ],
                started_at: Some("2024-01-01T00:00:00Z".to_owned()),
                completed_at: None,
                metadata: vec![NamedValue { name: "rows".to_owned(), value: Value::Integer(7) }],
                links: vec![Link { label: "Log".to_owned(), url: "https://example.com".to_owned() }],
            },
        });
        assert_eq!(
            unmarked(&progress(&finished)),
            "failed: the tap failed\n\
             \x20 discovery  succeeded\n\
             \x20 tap        failed (exit code 1): first line\n\
             \x20     second line\n\
             started: 2024-01-01T00:00:00Z\n\
             rows: 7\n\
             Log: https://example.com\n"
        );
    }

    #[test]
    fn no_line_of_a_plugin_passes_for_one_of_the_host() {
        let forged = || format!("x\nerror: {}", mark("y"));
        let report = Report {
            message: forged(),
            steps: vec![Step { name: forged(), status: StepStatus::Failed, exit_code: None, message: Some(forged()) }],
            started_at: Some(forged()),
            completed_at: None,
            metadata: vec![NamedValue { name: forged(), value: Value::Text(forged()) }],
            links: vec![Link { label: forged(), url: forged() }],
        };
        let text = progress(&Progress::Running(Running { run: forged(), poll_after_ms: 1, report }));
        assert!(!text.contains("\nerror"), "{text}");
        assert_eq!(text.matches(&mark("y")).count(), 0, "{text}");
    }

    #[test]
    fn a_name_of_any_length_is_written() {
        let long = Step { name: "n".repeat(70_000), status: StepStatus::Failed, exit_code: None, message: None };
        let short = Step { name: "tap".to_owned(), ..long.clone() };
        let report = Report {
            message: String::new(),
            steps: vec![long, short],
            started_at: None,
            completed_at: None,
            metadata: Vec::new(),
            links: Vec::new(),
        };
        assert_eq!(unmarked(&self::report(&report)).len(), 1 + "    failed\n".len() * 2 + 70_000 + WIDEST_NAME);
    }

    #[test]
    fn a_field_says_all_that_its_value_must_keep_to() {
        let source = Field {
            name: "source_id".to_owned(),
            label: "Source ID".to_owned(),
            description: "Which source.".to_owned(),
            kind: FieldKind::Integer,
            required: true,
            secret: false,
            restrictions: Restrictions { one_of: vec![], minimum: Some(1), maximum: None },
            default: None,
            example: Some(Value::Integer(123_456)),
        };
        assert_eq!(
            field(&source),
            "  source_id (Source ID): integer; required; at least 1; for example 123456\n      Which source.\n"
        );
    }
}
