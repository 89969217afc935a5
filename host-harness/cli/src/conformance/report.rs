//! The conformance report, as text, JSON and `JUnit` XML.

use std::fmt::Write;

use host_harness::conformance::{Checked, Conformance, Failure};
use host_harness::{Offer, sanitize};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use crate::terminal::mark;
use crate::text::{in_one_line, indented};

/// The report for people: a line for each check, with its failures below.
pub(super) fn text(conformance: &Conformance) -> String {
    let Conformance { plugin, bytes, imports, cannot, checks } = conformance;
    let (name, version) =
        plugin.as_ref().map_or(("a plugin that does not describe itself", ""), |(name, version)| (&**name, &**version));
    let mut text = format!("{}, {bytes} bytes\n", in_one_line(&format!("{name} {version}")));
    for (import, offer) in imports {
        _ = writeln!(text, "  imports {}: {offer}", in_one_line(import));
    }
    for (situation, reason) in cannot {
        _ = writeln!(text, "  cannot be in {situation}: {}", in_one_line(reason));
    }
    for checked in checks {
        let Checked { check, times, failures, .. } = checked;
        let passed = if checked.passed() { mark("ok") + "    " } else { mark("FAILED") };
        _ = writeln!(text, "{passed}  {check:18}  {} ({})", check.about(), made(checked));
        if *times == 0 && checked.excuse.is_none() {
            _ = writeln!(text, "        it was never made: the kit has no situation for it that can be played");
        }
        for failure in failures {
            let told = indented(&format!("{}{}", failure.message, often(failure)));
            _ = writeln!(text, "        {}: {told}", in_one_line(&scene(failure)));
            for exchange in &failure.exchanges {
                _ = writeln!(text, "          {}", in_one_line(exchange));
            }
            for line in &failure.stderr {
                _ = writeln!(text, "          stderr: {}", in_one_line(line));
            }
        }
        if checked.untold() > 0 {
            _ = writeln!(text, "        and {} more", checked.untold());
        }
    }
    match checks.iter().filter(|checked| !checked.passed()).count() {
        0 => _ = writeln!(text, "all {} checks passed", checks.len()),
        failed => _ = writeln!(text, "{failed} of {} checks failed", checks.len()),
    }
    text
}

/// The situation or the call, and the way in which it was played.
fn scene(failure: &Failure) -> String {
    let Failure { place, play, .. } = failure;
    play.as_ref().map_or_else(|| place.clone(), |play| format!("{place}, {play}"))
}

/// How often it failed like this, and where else.
fn often(failure: &Failure) -> String {
    let also = if failure.also.is_empty() { String::new() } else { format!(", also in {}", failure.also.join(", ")) };
    if failure.times == 1 { String::new() } else { format!(" ({} times{also})", failure.times) }
}

fn made(checked: &Checked) -> String {
    checked.excuse.map_or_else(|| format!("made {} times", checked.times), |reason| format!("not made: {reason}"))
}

/// The report in JSON, by docs/conformance.schema.json.
pub(super) fn json(conformance: &Conformance) -> Value {
    let failure = |failure: &Failure| {
        json!({
            "place": failure.place,
            "play": failure.play,
            "field": failure.field,
            "message": failure.message,
            "times": failure.times,
            "also": failure.also,
            "exchanges": failure.exchanges,
            "stderr": failure.stderr,
        })
    };
    let check = |checked: &Checked| {
        json!({
            "name": checked.check.name(),
            "about": checked.check.about(),
            "times": checked.times,
            "excuse": checked.excuse,
            "passed": checked.passed(),
            "failed": checked.failed,
            "failures": checked.failures.iter().map(failure).collect::<Vec<_>>(),
        })
    };
    let import = |(import, offer): &(String, Offer)| json!({"name": import, "offered": matches!(offer, Offer::Offered(_)), "meaning": offer.to_string()});
    let cannot = |(situation, reason): &(String, String)| json!({"situation": situation, "reason": reason});
    let (name, version) = conformance.plugin.clone().unzip();
    json!({
        "plugin": name,
        "version": version,
        "bytes": conformance.bytes,
        "imports": conformance.imports.iter().map(import).collect::<Vec<_>>(),
        "cannot": conformance.cannot.iter().map(cannot).collect::<Vec<_>>(),
        "passed": conformance.passed(),
        "checks": conformance.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

/// The report in `JUnit` XML: one test case for each check.
pub(super) fn junit(conformance: &Conformance) -> String {
    let name = conformance.plugin.as_ref().map_or("plugin", |(name, _)| name);
    let mut suite = TestSuite::new(name);
    suite.add_property(Property::new("bytes", conformance.bytes.to_string()));
    for (import, offer) in &conformance.imports {
        suite.add_property(Property::new(format!("imports {import}"), offer.to_string()));
    }
    for (situation, reason) in &conformance.cannot {
        suite.add_property(Property::new(format!("cannot be in {situation}"), reason.clone()));
    }
    for checked in &conformance.checks {
        let mut status = TestCaseStatus::success();
        if !checked.passed() {
            let first = checked.failures.first().map_or("it was never made", |failure| &failure.message);
            let mut text = format!("failed {} of the {} times that it was made\n", checked.failed, checked.times);
            for failure in &checked.failures {
                _ = writeln!(text, "{}: {}{}", scene(failure), failure.message, often(failure));
                for exchange in &failure.exchanges {
                    _ = writeln!(text, "{exchange}");
                }
                for line in &failure.stderr {
                    _ = writeln!(text, "stderr: {line}");
                }
            }
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(first).set_description(text);
        } else if let Some(reason) = checked.excuse {
            status = TestCaseStatus::skipped();
            status.set_message(reason);
        }
        suite.add_test_case(TestCase::new(checked.check.name(), status));
    }
    let mut report = Report::new("conformance");
    report.add_test_suite(suite);
    // It holds the plugin's words.
    sanitize(&report.to_string().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use host_harness::conformance::Check;

    use super::*;
    use crate::terminal::unmarked;

    /// A report with a check that passed, one that failed often, one that could not be made and one that was not.
    fn conformance() -> Conformance {
        let checked = |check, times, failed| Checked { check, times, excuse: None, failed, failures: Vec::new() };
        let failure = Failure {
            place: "failed".to_owned(),
            play: Some("a second time".to_owned()),
            field: Some("job".to_owned()),
            message: "expected failed, found succeeded".to_owned(),
            times: 3,
            also: vec!["stopped".to_owned()],
            exchanges: vec!["GET /jobs/7 -> 200".to_owned()],
            stderr: vec!["panicked".to_owned()],
        };
        let import = "wasi:http/outgoing-handler@0.2.0".to_owned();
        let offer = Offer::of(&import);
        Conformance {
            plugin: None,
            bytes: 70_000,
            imports: vec![(import, offer)],
            cannot: vec![("stopped".to_owned(), "Acme stops no job".to_owned())],
            checks: vec![
                checked(Check::KitComplete, 3, 0),
                Checked { failures: vec![failure], ..checked(Check::Situations, 30, 21) },
                Checked { excuse: Some("for a reason"), ..checked(Check::SecretsUntouched, 0, 0) },
                checked(Check::OriginsKept, 0, 0),
            ],
        }
    }

    fn schema() -> jsonschema::Validator {
        let schema = serde_json::from_str(include_str!("../../../docs/conformance.schema.json")).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    }

    #[test]
    fn the_text_tells_size_imports_excuses_and_every_failure_even_of_a_plugin_without_a_name() {
        let text = unmarked(&text(&conformance()));
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines[0], "a plugin that does not describe itself, 70000 bytes");
        assert!(lines[1].starts_with("  imports wasi:http/outgoing-handler@0.2.0: "), "{text}");
        assert_eq!(lines[2], "  cannot be in stopped: Acme stops no job");
        assert!(lines[3].starts_with("ok      kit-complete ") && lines[3].ends_with("(made 3 times)"), "{text}");
        assert!(lines[4].starts_with("FAILED  situations ") && lines[4].ends_with("(made 30 times)"), "{text}");
        let told = "        failed, a second time: expected failed, found succeeded (3 times, also in stopped)";
        assert_eq!(lines[5], told);
        assert_eq!(lines[6], "          GET /jobs/7 -> 200");
        assert_eq!(lines[7], "          stderr: panicked");
        assert_eq!(lines[8], "        and 18 more");
        assert!(lines[9].starts_with("ok      secrets-untouched") && lines[9].ends_with("(not made: for a reason)"));
        assert_eq!(lines[11], "        it was never made: the kit has no situation for it that can be played");
        assert_eq!(lines[12], "2 of 4 checks failed");
    }

    #[test]
    fn the_document_and_the_documented_example_keep_to_the_published_schema() {
        let document = json(&conformance());
        assert!(schema().is_valid(&document), "{document:#}");
        assert_eq!((&document["passed"], &document["checks"][1]["failed"]), (&false.into(), &21.into()));
        let example = include_str!("../../../docs/kit.md").split("```json").nth(1).unwrap();
        let example = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
        assert!(schema().is_valid(&example), "{example:#}");
        assert!(!schema().is_valid(&json!({"passed": true})));
    }

    #[test]
    fn continuous_integration_sees_properties_failures_and_what_was_skipped() {
        let junit = junit(&conformance());
        for part in [
            r#"<property name="bytes" value="70000"/>"#,
            r#"<property name="imports wasi:http/outgoing-handler@0.2.0" value="#,
            r#"<property name="cannot be in stopped" value="Acme stops no job"/>"#,
            r#"<failure message="expected failed, found succeeded">failed 21 of the 30 times that it was made"#,
            r#"<skipped message="for a reason"/>"#,
            r#"<failure message="it was never made">"#,
        ] {
            assert!(junit.contains(part), "{part}\n{junit}");
        }
    }

    #[test]
    fn continuous_integration_is_not_fooled_by_what_a_plugin_says() {
        let mut conformance = conformance();
        conformance.checks[1].failures[0].message = "a\u{202e}b\u{200b}c\u{1b}[2J".to_owned();
        let junit = junit(&conformance);
        assert!(
            junit.contains("a\u{fffd}b\u{fffd}c") && !junit.contains(|c| host_harness::is_control_like(c) && c != '\n'),
            "{junit:?}"
        );
    }
}
