//! `host-harness conformance`

use std::fmt::Write as _;
use std::io::{self, Write as _};

use host_harness::Host;
use host_harness::conformance::{Checked, Conformance, ExaminationError, Failure as Found, Kit, examine};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use crate::args::{ConformanceArgs, ConformanceFormat, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::text::{in_one_line, indented};

pub(crate) async fn main(args: &ConformanceArgs) -> Exit {
    let printer = Printer::new(if args.output == ConformanceFormat::Json { Format::Json } else { Format::Text });
    match conformance(args).await {
        Ok(conformance) => {
            match args.output {
                ConformanceFormat::Junit => {
                    // Nothing can be done about a reader that has gone.
                    _ = io::stdout().write_all(junit(&conformance).as_bytes());
                }
                _ => printer.answer(as_json(&conformance), &as_text(&conformance)),
            }
            if conformance.passed() { Exit::Succeeded } else { Exit::JobFailed }
        }
        Err(failure) => failure.print(&printer),
    }
}

async fn conformance(args: &ConformanceArgs) -> Result<Conformance, Failure> {
    let kit = Kit::read(&args.kit).map_err(|error| Failure::usage(&error.to_string()))?;
    let host = Host::new(args.limits.limits())?;
    let bytes = host.read(&args.plugin).map_err(|error| Failure::load(&error, &args.plugin))?;
    examine(&host, &bytes, &kit).await.map_err(|error| match error {
        ExaminationError::Load(error) => Failure::load(&error, &args.plugin),
        ExaminationError::Host(error) => error.into(),
        other => Failure::usage(&other.to_string()),
    })
}

fn as_text(conformance: &Conformance) -> String {
    let Conformance { plugin, bytes, imports, checks } = conformance;
    let mut text = String::new();
    if let Some((name, version)) = plugin {
        _ = writeln!(text, "{} {}, {bytes} bytes", in_one_line(name), in_one_line(version));
    }
    for (import, offer) in imports {
        _ = writeln!(text, "  imports {}: {offer}", in_one_line(import));
    }
    for checked in checks {
        let mark = if checked.failures.is_empty() { "ok    " } else { "FAILED" };
        _ = writeln!(text, "{mark}  {:18}  {} (made {} times)", checked.check, checked.check.about(), checked.times);
        for failure in &checked.failures {
            _ = writeln!(text, "        {}: {}", in_one_line(&failure.place), indented(&failure.message));
            for exchange in &failure.exchanges {
                _ = writeln!(text, "          {}", in_one_line(exchange));
            }
        }
    }
    let failed = checks.iter().filter(|checked| !checked.failures.is_empty()).count();
    match failed {
        0 => _ = writeln!(text, "all {} checks passed", checks.len()),
        failed => _ = writeln!(text, "{failed} of {} checks failed", checks.len()),
    }
    text
}

fn as_json(conformance: &Conformance) -> Value {
    let failure =
        |failure: &Found| json!({"place": failure.place, "message": failure.message, "exchanges": failure.exchanges});
    let check = |checked: &Checked| {
        json!({
            "name": checked.check.name(),
            "about": checked.check.about(),
            "times": checked.times,
            "passed": checked.failures.is_empty(),
            "failures": checked.failures.iter().map(failure).collect::<Vec<_>>(),
        })
    };
    let (name, version) = conformance.plugin.clone().unzip();
    json!({
        "plugin": name,
        "version": version,
        "bytes": conformance.bytes,
        "imports": conformance.imports.iter().map(|(import, _)| import).collect::<Vec<_>>(),
        "passed": conformance.passed(),
        "checks": conformance.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

/// As continuous integrations read it: one case for each check.
fn junit(conformance: &Conformance) -> String {
    let name = conformance.plugin.as_ref().map_or("plugin", |(name, _)| name);
    let mut suite = TestSuite::new(name);
    for checked in &conformance.checks {
        let mut status = TestCaseStatus::success();
        if let Some(first) = checked.failures.first() {
            let mut text = String::new();
            for Found { place, message, exchanges } in &checked.failures {
                _ = writeln!(text, "{place}: {message}\n{}", exchanges.join("\n"));
            }
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(first.message.clone()).set_description(text);
        }
        suite.add_test_case(TestCase::new(checked.check.name(), status));
    }
    let mut report = Report::new("conformance");
    report.add_test_suite(suite);
    report.to_string().unwrap_or_default()
}
