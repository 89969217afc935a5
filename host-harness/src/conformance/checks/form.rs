//! Check of an answer's form: whatever it says, it must be as the contract promises.

use std::collections::BTreeSet;

use jiff::Timestamp;
use url::Url;

use crate::CallError;
use crate::conformance::checks::verdicts::{Answered, Outcome};
use crate::contract::{ErrorKind, Report, TaskError};

/// The flaw in an answer's form. A call without an answer has none.
pub(crate) fn of_answer(outcome: &Outcome) -> Option<String> {
    match outcome {
        Ok(Answered::Progress(progress)) => of_report(progress.report()),
        Ok(Answered::Findings(findings)) => findings.iter().find_map(|finding| {
            of_code(&finding.code).or_else(|| of_line("the message of a finding", &finding.message))
        }),
        Err(CallError::Task(TaskError { kind: ErrorKind::OutcomeUnknown, may_have_started: false, .. })) => {
            Some("the error is outcome_unknown, and may-have-started is false".to_owned())
        }
        Err(CallError::Task(TaskError { code, message, .. })) => {
            of_code(code).or_else(|| of_line("the message of the error", message))
        }
        Err(_) => None,
    }
}

fn of_code(code: &str) -> Option<String> {
    (!is_snake_case(code)).then(|| format!("the code {code:?} is not in snake_case"))
}

fn of_line(what: &str, line: &str) -> Option<String> {
    let one_line = !line.trim().is_empty() && !line.contains(char::is_control);
    (!one_line).then(|| format!("{what} is not one line: {line:?}"))
}

fn of_report(report: &Report) -> Option<String> {
    let steps = report.steps.iter().map(|step| {
        let lower = !step.name.trim().is_empty() && step.name == step.name.to_lowercase();
        (!lower).then(|| format!("the name of a step is not in lower case: {:?}", step.name))
    });
    let times = [("started-at", &report.started_at), ("completed-at", &report.completed_at)].into_iter();
    let times = times.map(|(name, time)| {
        let time = time.as_ref().filter(|time| !is_utc(time))?;
        Some(format!("{name} is not a time in UTC, such as 2026-01-05T10:00:00Z: {time:?}"))
    });
    let mut names = BTreeSet::new();
    let metadata = report.metadata.iter().map(|named| match &named.name {
        name if !is_snake_case(name) => Some(format!("the name {name:?} in the metadata is not in snake_case")),
        name if !names.insert(name) => Some(format!("the name {name} is in the metadata twice")),
        _ => None,
    });
    let links = report.links.iter().map(|link| {
        let absolute = Url::parse(&link.url).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
        (!absolute).then(|| format!("a link is not an absolute URL of http or https: {:?}", link.url))
    });
    let message = of_line("the message of the report", &report.message);
    [message].into_iter().chain(steps).chain(times).chain(metadata).chain(links).flatten().next()
}

fn is_snake_case(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(word)
}

fn is_utc(time: &str) -> bool {
    time.parse::<Timestamp>().is_ok() && (time.ends_with(['Z', 'z']) || time.ends_with("+00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{report, task_error};
    use crate::contract::{
        ErrorKind, Finding, FindingStatus, Link, NamedValue, Progress, Running, Step, StepStatus, Value,
    };

    fn reported(change: impl FnOnce(&mut Report)) -> Option<String> {
        let mut report = report();
        change(&mut report);
        let running = Running { run: "r1".to_owned(), poll_after_ms: 1, report };
        of_answer(&Ok(Answered::Progress(Progress::Running(running))))
    }

    fn named(name: &str) -> NamedValue {
        NamedValue { name: name.to_owned(), value: Value::Integer(7) }
    }

    #[test]
    fn a_report_keeps_to_its_form() {
        type Change = fn(&mut Report);
        let cases: [(Change, Option<&str>); 9] = [
            (|_| {}, None),
            (
                |report| {
                    report.started_at = Some("2026-01-05T10:00:00.25Z".to_owned());
                    report.links = vec![Link { label: "Log".to_owned(), url: "https://acme.example/7".to_owned() }];
                    report.metadata = vec![named("rows_2"), named("rows")];
                },
                None,
            ),
            (|report| report.message.clear(), Some("the message of the report is not one line: \"\"")),
            (|report| report.message = "a\nb".to_owned(), Some("the message of the report is not one line: \"a\\nb\"")),
            (
                |report| report.completed_at = Some("2026-01-05T10:00:00+02:00".to_owned()),
                Some("completed-at is not a time in UTC, such as 2026-01-05T10:00:00Z: \"2026-01-05T10:00:00+02:00\""),
            ),
            (
                |report| report.metadata = vec![named("rows"), named("rows")],
                Some("the name rows is in the metadata twice"),
            ),
            (
                |report| report.metadata = vec![named("rowCount")],
                Some("the name \"rowCount\" in the metadata is not in snake_case"),
            ),
            (
                |report| report.links = vec![Link { label: "Log".to_owned(), url: "/jobs/7".to_owned() }],
                Some("a link is not an absolute URL of http or https: \"/jobs/7\""),
            ),
            (
                |report| {
                    let name = "Load".to_owned();
                    report.steps = vec![Step { name, status: StepStatus::Running, exit_code: None, message: None }];
                },
                Some("the name of a step is not in lower case: \"Load\""),
            ),
        ];
        for (change, flaw) in cases {
            assert_eq!(reported(change).as_deref(), flaw);
        }
    }

    #[test]
    fn an_error_and_a_finding_have_codes_and_one_line() {
        let error = |code: &str, message: &str| {
            let error =
                TaskError { code: code.to_owned(), message: message.to_owned(), ..task_error(ErrorKind::Rejected) };
            of_answer(&Err(CallError::Task(error)))
        };
        assert_eq!(error("http_404", "Not Found"), None);
        assert_eq!(error("not-found", "Not Found").as_deref(), Some("the code \"not-found\" is not in snake_case"));
        assert_eq!(error("odd", " ").as_deref(), Some("the message of the error is not one line: \" \""));
        let finding = Finding { code: String::new(), status: FindingStatus::Ok, message: "fine".to_owned() };
        let flaw = of_answer(&Ok(Answered::Findings(vec![finding])));
        assert_eq!(flaw.as_deref(), Some("the code \"\" is not in snake_case"));
    }
}
