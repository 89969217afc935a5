//! What is said of a run, in the contract's words.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use core::fmt;

use crate::contract::{Finished, NamedValue, Progress, Report, Running, Value, Verdict};

/// The most characters that a line quotes of a tool's own message.
const MOST_LINE_CHARACTERS: usize = 300;

/// The run goes on: hand in `run` again after so many milliseconds.
pub fn running(run: String, poll_after_ms: u64, report: Report) -> Progress {
    Progress::Running(Running { run, poll_after_ms, report })
}

/// The run has ended.
pub fn finished(verdict: Verdict, report: Report) -> Progress {
    Progress::Finished(Finished { verdict, report })
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

/// At most so many characters of `text`; an ellipsis stands for what was cut.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The first line of a tool's message that says something.
pub fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    shorten(line, MOST_LINE_CHARACTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_first_that_says_something() {
        assert_eq!(one_line("\n  \n CRITICAL no \r\nTraceback"), "CRITICAL no");
        assert_eq!(one_line(""), "");
        assert_eq!(shorten("déjà vu", 4), "déj…");
        assert_eq!(shorten("déjà", 4), "déjà");
    }
}
