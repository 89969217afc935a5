//! The parameters of a task.

use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::cancel_attached;
use plugin_guest::contract::{NamedValue, TaskError};
use plugin_guest::inputs::{Inputs, required};
use plugin_guest::task_error::invalid_input;

use crate::stitch::id::SourceId;

/// Parsed parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The source to sync.
    pub source_id: SourceId,
    /// The policy if a job of the source is already running.
    pub on_already_running: OnAlreadyRunning,
    /// The policy if no job of the source is running.
    pub on_not_running: OnNotRunning,
    /// The end of the task.
    pub wait_for: WaitFor,
    /// True if `cancel` also stops a job that the task was only attached to.
    pub cancel_attached: bool,
}

/// The policy for a source of which no job is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnNotRunning {
    /// Start a job.
    Start,
    /// Start nothing, and wait for the next job that completes, whoever starts it.
    Wait,
}

impl OnNotRunning {
    /// The names of the choices, the default first.
    pub const CHOICES: &[(&str, Self)] = &[("start", Self::Start), ("wait", Self::Wait)];
}

/// The end of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// The task ends with the extraction.
    Extraction,
    /// The task ends when the extracted data has been loaded into the warehouse too.
    Load,
}

impl WaitFor {
    /// The names of the choices, the default first.
    pub const CHOICES: &[(&str, Self)] = &[("extraction", Self::Extraction), ("load", Self::Load)];
}

impl Parameters {
    /// Parses the values. The error names the invalid field and its flaw.
    pub fn parse(values: &[NamedValue]) -> Result<Self, TaskError> {
        const ABSENT: &str = "the number of the source in Stitch, such as 123456";
        let inputs = Inputs(values);
        let parameters = Self {
            source_id: required(inputs.id("source_id")?.and_then(SourceId::new), "source_id", ABSENT)?,
            on_already_running: inputs.on_already_running()?,
            on_not_running: inputs.choice("on_not_running", OnNotRunning::CHOICES)?,
            wait_for: inputs.choice("wait_for", WaitFor::CHOICES)?,
            cancel_attached: inputs.cancel_attached()?,
        };
        parameters.contradiction().map_or(Ok(parameters), Err)
    }

    /// The error of a wish that a task which only waits cannot grant. The policy to fail is the default, so it is none.
    fn contradiction(&self) -> Option<TaskError> {
        const WAITS: &str = "where on_not_running is wait: a sync that runs already is waited for, and never stopped";
        let refused = match self {
            Self { on_not_running: OnNotRunning::Start, .. } => return None,
            Self { on_already_running: OnAlreadyRunning::Skip, .. } => (OnAlreadyRunning::NAME, "skip"),
            Self { cancel_attached: true, .. } => (cancel_attached::NAME, "true"),
            _ => return None,
        };
        Some(invalid_input(refused.0, format_args!("must not be {} {WAITS}", refused.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::{String, ToString};
    use plugin_guest::contract::{ErrorKind, Value};
    use plugin_guest::scripted::named;

    fn refused(values: &[NamedValue]) -> String {
        let error = Parameters::parse(values).expect_err("parameters refused");
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        error.message
    }

    #[test]
    fn a_source_id_is_enough() {
        let parameters = Parameters::parse(&[named("source_id", 123_456)]).expect("parameters");
        assert_eq!(parameters.source_id.to_string(), "123456");
        assert_eq!(parameters.on_already_running, OnAlreadyRunning::Fail);
        assert_eq!(parameters.on_not_running, OnNotRunning::Start);
        assert_eq!(parameters.wait_for, WaitFor::Extraction);
    }

    #[test]
    fn what_a_task_that_only_waits_cannot_grant_is_refused() {
        let cancels = NamedValue { name: "cancel_attached".to_owned(), value: Value::Boolean(true) };
        let wait = [named("source_id", 1), named("on_not_running", "wait")];
        let waits = " where on_not_running is wait: a sync that runs already is waited for, and never stopped";
        for (wish, flaw) in [
            (named("on_already_running", "skip"), Some("on_already_running must not be skip")),
            (cancels, Some("cancel_attached must not be true")),
            (named("on_already_running", "attach"), None),
            (named("on_already_running", "fail"), None),
        ] {
            let start = [named("source_id", 1), wish.clone()];
            assert!(Parameters::parse(&start).is_ok());
            let parsed = Parameters::parse(&[&wait[..], &[wish]].concat());
            let found = parsed.map(|parameters| parameters.on_not_running).map_err(|error| error.message);
            assert_eq!(found, flaw.map_or(Ok(OnNotRunning::Wait), |flaw| Err(String::from(flaw) + waits)));
        }
    }

    #[test]
    fn the_policies_are_chosen_by_name_and_unknown_names_are_ignored() {
        let parameters = Parameters::parse(&[
            named("colour", "blue"),
            named("wait_for", "load"),
            named("on_already_running", "attach"),
            named("source_id", 1),
        ])
        .expect("parameters");
        assert_eq!((parameters.on_already_running, parameters.wait_for), (OnAlreadyRunning::Attach, WaitFor::Load));
    }

    #[test]
    fn each_bad_value_is_refused_by_the_name_of_its_field() {
        let missing = "source_id is missing: the number of the source in Stitch, such as 123456";
        assert_eq!(refused(&[]), missing);
        assert_eq!(refused(&[named("source_id", 0)]), "source_id must be 1 or more, not 0");
        assert_eq!(refused(&[named("source_id", -5)]), "source_id must be 1 or more, not -5");
        let text = "source_id must be a whole number, such as 123456";
        assert_eq!(refused(&[named("source_id", "123456")]), text);
        let decimal = NamedValue { name: "source_id".to_owned(), value: Value::Decimal(1.5) };
        assert_eq!(refused(&[decimal]), text);
        assert_eq!(
            refused(&[named("source_id", 1), named("on_already_running", "wait")]),
            "on_already_running must be one of fail, attach, skip"
        );
        assert_eq!(refused(&[named("source_id", 1), named("wait_for", 7)]), "wait_for must be text");
    }
}
