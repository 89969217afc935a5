use std::{fmt::Write as _, time::Duration};

use super::{case::Case, outcome::Outcome};

/// The most characters that a message may take in the table; above it, it was shown whole.
const MESSAGE: usize = 72;

/// What became of a case.
pub(super) struct Row<'a> {
    pub(super) case: &'a Case,
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
    /// What is not as expected.
    pub(super) found: Result<(), String>,
}

/// A line for each case, and below it what was not as expected.
pub(super) fn draw(rows: &[Row]) -> String {
    let mut table = String::new();
    let mut line = |case: &str, expected: &str, verdict: &str, requests: &str, time: &str, message: &str| {
        let _ = writeln!(table, "{case:29}  {expected:12}  {verdict:12}  {requests:>8}  {time:>6}  {message}");
    };
    line("what", "expected", "found", "requests", "time", "message");
    for Row { case, outcome, took, found } in rows {
        let (requests, time) = (outcome.requests.to_string(), format!("{:.1} s", took.as_secs_f64()));
        line(case.name, case.expected.verdict, &outcome.verdict, &requests, &time, &shortened(&outcome.message));
        if let Err(difference) = found {
            line("", "", "", "", "", &format!("NOT AS EXPECTED: {difference}"));
        }
    }
    table
}

fn shortened(message: &str) -> String {
    if message.chars().count() <= MESSAGE {
        return message.to_owned();
    }
    message.chars().take(MESSAGE - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::case::CASES;

    #[test]
    fn each_case_has_its_line_and_each_difference_too() {
        let report = r#"{"verdict": "failed", "message": "it failed", "requests": 12}"#;
        let outcome = Outcome::parse(report, Some(1)).expect("it is a report");
        let found = CASES[0].expected.compare(&outcome);
        let row = Row { case: &CASES[0], outcome, took: Duration::from_millis(1540), found };
        let lines: Vec<String> = draw(&[row]).lines().map(str::to_owned).collect();
        assert_eq!(lines[1], "a sync that succeeds           succeeded     failed              12   1.5 s  it failed");
        assert!(lines[2].ends_with("NOT AS EXPECTED: expected succeeded, found failed"));
    }

    #[test]
    fn a_long_message_is_shortened() {
        assert_eq!(shortened(&"é".repeat(100)).chars().count(), MESSAGE);
        assert_eq!(shortened("short"), "short");
    }
}
