//! Constructors of the contract's progress, reports and metadata.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use core::fmt;

use crate::contract::{Finished, NamedValue, Progress, Report, Running, Value, Verdict};
use crate::timestamp::Timestamp;

/// The most characters that a line quotes of a tool's message.
const MOST_LINE_CHARACTERS: usize = 300;

/// The progress of a run that goes on: the host hands in `run` again after so many milliseconds.
pub fn running(run: String, poll_after_ms: u64, report: Report) -> Progress {
    Progress::Running(Running { run, poll_after_ms, report: in_order(report) })
}

/// The progress of a run that has ended.
pub fn finished(verdict: Verdict, report: Report) -> Progress {
    Progress::Finished(Finished { verdict, report: in_order(report) })
}

/// Leaves out an end that is before the beginning, as tools whose clocks differ report it: the host would refuse such a report.
fn in_order(mut report: Report) -> Report {
    // Of two times in UTC that differ in their fractions alone, the shorter text is the earlier.
    let digits = |time: &Option<String>| time.as_deref().map(|time| time.trim_end_matches(['Z', 'z']).to_owned());
    if report.completed_at.is_some() && digits(&report.completed_at) < digits(&report.started_at) {
        report.completed_at = None;
    }
    report
}

/// A metadata field that is text.
pub fn text(name: &str, value: impl fmt::Display) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Text(value.to_string()) }
}

/// A metadata field that is a number.
pub fn integer(name: &str, value: u64) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Integer(i64::try_from(value).unwrap_or(i64::MAX)) }
}

/// A metadata field that is true or false.
pub fn boolean(name: &str, value: bool) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Boolean(value) }
}

/// The metadata field `duration_s`, in whole seconds: the tool's own duration (ISO 8601, as Java writes it, such as
/// `PT1H2M3.5S`) or, without one, the time from beginning to end.
pub fn duration(
    own: Option<&str>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
) -> Option<NamedValue> {
    let between = || u64::try_from(completed_at?.seconds() - started_at?.seconds()).ok();
    own.and_then(iso_seconds).or_else(between).map(|seconds| integer("duration_s", seconds))
}

/// The seconds of an ISO 8601 duration.
fn iso_seconds(text: &str) -> Option<u64> {
    let (mut total, mut number, mut is_fraction) = (0_u64, 0_u64, false);
    for character in text.strip_prefix('P')?.chars() {
        let unit = match character {
            '0'..='9' if is_fraction => continue,
            '0'..='9' => {
                number = number.checked_mul(10)?.checked_add(u64::from(character.to_digit(10)?))?;
                continue;
            }
            '.' => {
                is_fraction = true;
                continue;
            }
            'T' => continue,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        (number, is_fraction) = (0, false);
    }
    Some(total)
}

/// Truncates `text` to at most so many characters, with an ellipsis for what was cut.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The first line of a tool's text that is not blank, with control characters replaced: a terminal would obey them.
pub fn one_line(text: &str) -> String {
    let ends_line = |character| matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let line = text.split(ends_line).map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    shorten(&line.replace(char::is_control, "\u{fffd}"), MOST_LINE_CHARACTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_the_tools_own_or_from_the_beginning_to_the_end() {
        let at = |second| Some(Timestamp::from_seconds(second));
        for (own, started_at, completed_at, seconds) in [
            (Some("PT1M"), at(0), at(7), Some(60)),
            (Some("PT8H6M12.9S"), None, None, Some(29_172)),
            (Some("P1DT1S"), None, None, Some(86_401)),
            (Some("PT0S"), None, None, Some(0)),
            (Some("PT99999999999999999999S"), at(0), at(7), Some(7)),
            (Some("PT-1S"), at(0), at(7), Some(7)),
            (Some("a while"), at(0), at(7), Some(7)),
            (None, at(0), at(7), Some(7)),
            (None, at(7), at(0), None),
            (None, None, at(0), None),
        ] {
            let expected = seconds.map(|seconds| integer("duration_s", seconds));
            assert_eq!(duration(own, started_at, completed_at), expected, "{own:?}");
        }
    }

    #[test]
    fn an_end_before_the_beginning_is_left_out() {
        for (started_at, completed_at, is_kept) in [
            ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z", true),
            ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00.5Z", true),
            ("2026-01-05T10:00:00.5Z", "2026-01-05T10:00:00Z", false),
            ("2026-01-05T10:00:00.9Z", "2026-01-05T10:00:00.15Z", false),
            ("2026-01-05T10:00:00Z", "2026-01-05T09:59:59.9Z", false),
        ] {
            let report = Report {
                message: String::new(),
                steps: [].into(),
                started_at: Some(started_at.to_owned()),
                completed_at: Some(completed_at.to_owned()),
                metadata: [].into(),
                links: [].into(),
            };
            for started_at in [None, report.started_at.clone()] {
                let is_kept = is_kept || started_at.is_none();
                let report = || Report { started_at: started_at.clone(), ..report.clone() };
                let Progress::Finished(finished) = finished(Verdict::Failed, report()) else { panic!("not finished") };
                assert_eq!(finished.report.completed_at.is_some(), is_kept, "{completed_at}");
                let Progress::Running(running) = running(String::new(), 1, report()) else { panic!("not running") };
                assert_eq!(running.report.completed_at.is_some(), is_kept, "{completed_at}");
            }
        }
    }

    #[test]
    fn a_line_is_the_first_that_says_something() {
        assert_eq!(one_line("\n  \n CRITICAL no \r\nTraceback"), "CRITICAL no");
        for end in ["\r", "\u{85}", "\u{2028}", "\u{2029}"] {
            assert_eq!(one_line(&alloc::format!("{end}no{end}more")), "no", "{end:?}");
        }
        assert_eq!(one_line("a\tb \u{1b}[31m\u{7f}"), "a\u{fffd}b \u{fffd}[31m\u{fffd}");
        assert_eq!(one_line(""), "");
        assert_eq!(shorten("déjà vu", 4), "déj…");
        assert_eq!(shorten("déjà", 4), "déjà");
    }
}
