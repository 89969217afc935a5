//! Failures of commands, with hints on this command line.

use std::io;

use host_harness::contract::Progress;
use host_harness::document::ErrorDocument;
use host_harness::pipeline::{Diagnostics, ResumeError};
use host_harness::store::StoreError;
use host_harness::{
    Call, CallError, Denial, Exceeded, Grant, HostError, InputError, LimitValue, Limits, List, LoadError, SecretPlace,
    WatchEnd,
};
use serde_json::{Value, json};

use crate::args::Format;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::terminal::{mark, unmarked};
use crate::text::indented;

/// A failure of a command: the error, and what helps the user to fix it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) error: ErrorDocument,
    /// The limits that were exceeded.
    exceeded: Vec<Exceeded>,
    /// The changes to this command line that would help.
    hints: Vec<String>,
    /// The plugin's stderr.
    stderr: String,
    run: Option<String>,
    requests: usize,
    /// True if stdout cannot be written, so that everything goes to stderr.
    is_unprinted: bool,
}

impl Failure {
    fn new(exit: Exit, error: ErrorDocument) -> Self {
        Self {
            exit,
            error,
            exceeded: Vec::new(),
            hints: Vec::new(),
            stderr: String::new(),
            run: None,
            requests: 0,
            is_unprinted: false,
        }
    }

    /// The error's message.
    pub(crate) fn message(&self) -> &str {
        &self.error.message
    }

    /// A usage error.
    pub(crate) fn usage(message: &str) -> Self {
        Self::new(Exit::Usage, ErrorDocument::host("invalid_input", "usage", message))
    }

    pub(crate) fn load(error: &LoadError, plugin: &std::path::Path) -> Self {
        let message = match error {
            LoadError::Unreadable { .. } => error.to_string(),
            error => format!("{} is not a plugin that can be run here: {error}", plugin.display()),
        };
        let exit = match error {
            LoadError::Unreadable { .. } => Exit::Usage,
            _ => Exit::CallFailed,
        };
        let exceeded: Vec<_> = match error {
            LoadError::LimitExceeded { passed } => passed.iter().map(|passed| passed.exceeded).collect(),
            _ => Vec::new(),
        };
        let named = Limits::raising(&exceeded)
            .map(|name| format!("if it carries an interpreter, as a plugin in Python does, add --limits {name}"));
        let hints = named.into_iter().chain(exceeded.iter().map(limit_hint)).collect();
        Self { exceeded, hints, ..Self::new(exit, ErrorDocument::host("host", "not_loaded", &message)) }
    }

    /// An error in a pipeline's file.
    pub(crate) fn pipeline(problems: &Diagnostics) -> Self {
        Self::new(Exit::Usage, ErrorDocument::host("invalid_input", "pipeline", problems.to_string()))
    }

    /// An error of resuming a stored run.
    pub(crate) fn resume(error: &ResumeError) -> Self {
        match error {
            ResumeError::Store(error) => Self::store(error),
            ResumeError::Definition(diagnostics) => Self::pipeline(diagnostics),
            other => Self::usage(&other.to_string()),
        }
    }

    /// An error of the store of runs.
    pub(crate) fn store(error: &StoreError) -> Self {
        let exit = match error {
            StoreError::Full { .. } | StoreError::Unusable { .. } => Exit::CallFailed,
            _ => Exit::Usage,
        };
        let advice = match error {
            StoreError::Newer { .. } | StoreError::ReadOnly { .. } => ", or name another file with --store",
            StoreError::NotOurs { .. } => ": name another file with --store",
            StoreError::Missing { .. } => ": `host-harness pipeline run` makes one, and --store names another",
            StoreError::Unfinished { .. } => ": `host-harness resume` goes on with it",
            StoreError::NoSuchRun { .. } => ": `host-harness runs list` names those that there are",
            StoreError::AnotherUsers { .. } => ": name a file of your own with --store",
            _ => "",
        };
        Self::new(exit, ErrorDocument::host("host", "store", format!("{error}{advice}")))
    }

    /// The failure if the answer was not printed: stderr then gets its first line, `said`, and the `run` that goes on.
    /// A broken pipe without a run is not a failure: the reader wants no answer.
    pub(crate) fn of_printing(printed: io::Result<()>, said: &str, run: Option<&str>) -> Result<(), Self> {
        match printed {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && run.is_none() => Ok(()),
            Err(error) => {
                let message = format!("the answer could not be printed in full: {error}");
                Err(Self {
                    run: run.map(str::to_owned),
                    hints: said.trim().lines().next().map(|line| format!("it says: {line}")).into_iter().collect(),
                    is_unprinted: true,
                    ..Self::new(Exit::CallFailed, ErrorDocument::host("host", "unprinted", &message))
                })
            }
        }
    }

    pub(crate) fn input(error: &InputError) -> Self {
        let mut failure =
            Self::new(Exit::Usage, ErrorDocument::host("invalid_input", "invalid_input", error.to_string()));
        match error {
            InputError::Exposed { name } => failure.hints.push(field_hint(List::Secrets, name)),
            InputError::Missing { name, list, .. } => failure.hints.push(field_hint(*list, name)),
            _ => {}
        }
        failure
    }

    /// The answer of a call and the number of its requests; or the failure, with the `run` if it is known.
    pub(crate) fn or_answer<T>(call: Call<T>, run: Option<&str>) -> Result<(T, usize), Self> {
        let requests = call.requests.len();
        match call.outcome {
            Ok(answer) => Ok((answer, requests)),
            Err(error) => Err(Self {
                stderr: call.stderr,
                requests,
                run: run.map(str::to_owned),
                ..Self::call_error(&error, &call.denied, &call.exceeded)
            }),
        }
    }

    /// The answer of a trigger and the number of its requests.
    pub(crate) fn or_started(call: Call<Progress>) -> Result<(Progress, usize), Self> {
        let may_have_started = call.may_have_started();
        Self::or_answer(call, None).map_err(|mut failure| {
            failure.hints.extend(may_have_started.then(look_first));
            failure
        })
    }

    fn call_error(error: &CallError, denied: &[Denial], exceeded: &[Exceeded]) -> Self {
        let ended = match error {
            CallError::LimitExceeded { exceeded, .. } => Some(exceeded),
            _ => None,
        };
        let denials = denied.iter().map(denial_hint);
        let peers = exceeded.iter().map(|exceeded| format!("the peer went past {exceeded}: {}", limit_hint(exceeded)));
        let hints = ended.map(limit_hint).into_iter().chain(denials).chain(peers).collect();
        let exceeded = ended.into_iter().chain(exceeded).copied().collect();
        Self { exceeded, hints, ..Self::new(Exit::of_error(error), error.into()) }
    }

    /// The failure of a watch that ended without a verdict.
    pub(crate) fn watch(outcome: &host_harness::WatchOutcome) -> Self {
        let end = &outcome.end;
        let mut failure = match end {
            WatchEnd::Failed(error) => {
                Self { stderr: outcome.stderr.clone(), ..Self::call_error(error, &outcome.denied, &outcome.exceeded) }
            }
            end => {
                let (code, message) = goes_on(end);
                Self::new(Exit::of_end(end), ErrorDocument::host("host", code, &message))
            }
        };
        let unknown = match end {
            WatchEnd::Failed(_) => outcome.may_have_started,
            WatchEnd::Finished(_) => false,
            _ => true,
        };
        if outcome.run.is_none() && unknown {
            failure.hints.push(look_first());
        }
        failure.requests = outcome.requests;
        failure.run.clone_from(&outcome.run);
        failure
    }

    /// The same failure, after the user interrupted the run.
    pub(crate) fn interrupted(self) -> Self {
        Self { exit: Exit::Interrupted, ..self }
    }

    /// The same failure with one more hint.
    pub(crate) fn hinting(mut self, hint: &str) -> Self {
        self.hints.push(hint.to_owned());
        self
    }

    /// The failure of a watch that the user left.
    pub(crate) fn left(run: Option<String>) -> Self {
        let message = if run.is_some() {
            "interrupted; the run goes on"
        } else {
            "interrupted; a run may have been started: look before you trigger another"
        };
        Self { run, ..Self::new(Exit::Interrupted, ErrorDocument::host("host", "interrupted", message)) }
    }

    /// Prints the failure, and returns the exit code.
    pub(crate) fn print(self, printer: &Printer) -> Exit {
        let stderr = self.stderr.trim();
        if !stderr.is_empty() {
            printer.note(&format!("the plugin wrote:\n      {}", indented(stderr)));
        }
        let is_document = printer.format == Format::Json && !self.is_unprinted;
        let is_printed = is_document && printer.document(&self.document()).is_ok();
        if !is_printed {
            printer.note(&format!("{}: {}", mark("error"), indented(self.message())));
            let raw = self.error.raw_message.as_deref().unwrap_or_default();
            if !raw.is_empty() && raw != self.message() {
                printer.note(&format!("the tool says: {}", indented(raw)));
            }
        }
        for hint in &self.hints {
            printer.note(&unmarked(hint));
        }
        if let Some(run) = self.run.as_ref().filter(|_| !is_printed) {
            printer.note("to ask for the run later, store this line and give its file to `host-harness poll --run`:");
            printer.run(run);
        }
        self.exit
    }
}

impl Failure {
    pub(crate) fn document(&self) -> Value {
        let exceeded = self.exceeded.iter();
        let exceeded: Vec<_> = exceeded
            .map(|exceeded| json!({"limit": exceeded.limit.name(), "value": exceeded.value.to_string()}))
            .collect();
        json!({
            "error": self.error,
            "exceeded": exceeded,
            "hints": self.hints,
            "run": self.run,
            "requests": self.requests,
        })
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        Self::new(Exit::CallFailed, ErrorDocument::host("host", "no_host", error.to_string()))
    }
}

/// The hint on the flag that sets a field.
fn field_hint(list: List, name: &str) -> String {
    match list {
        List::Connection => format!("use --connection {name}=VALUE"),
        List::Parameters => format!("use --param {name}=VALUE"),
        List::Secrets => format!("use --secret {name}=env:VAR, {name}=file:PATH or {name}=prompt"),
    }
}

/// The hint on the flag that raises a limit.
fn limit_hint(exceeded: &Exceeded) -> String {
    let unit = match exceeded.value {
        LimitValue::Time(_) => "TIME",
        LimitValue::Size(_) => "SIZE",
        LimitValue::Count(_) => "NUMBER",
    };
    format!("to raise it, add --limit {}={unit}", exceeded.limit.name())
}

/// The hint on a denial, with the flag that allows the request.
fn denial_hint(denial: &Denial) -> String {
    match denial {
        Denial::Origin(origin) => format!("{denial}: add --allow {origin}"),
        Denial::Request { origin, method, path } => match format!("{method} {origin}{path}").parse::<Grant>() {
            Ok(grant) if path != "/" => format!("{denial}: add --allow '{grant}'"),
            // Only a grant of the whole origin covers it, and a path that the plugin made up must not go into a shell.
            _ => format!("{denial}: if the plugin is to be trusted with all of it, add --allow {origin}"),
        },
        Denial::Override { origin, .. } => {
            format!("{denial}: if the plugin is to be trusted with all of it, add --allow {origin}")
        }
        Denial::Address { origin, .. } => format!("{denial}: if that is meant, add --allow-internal {origin}"),
        Denial::Secret { name, place: SecretPlace::Header, origin } => {
            format!("{denial}: add --secret-origin {name}={origin}")
        }
        Denial::Secret { .. } => {
            format!("{denial}: only the value of a header may hold one, except with --expose-secrets")
        }
        _ => denial.to_string(),
    }
}

/// The code and the message of a watch that ended while the run goes on.
fn goes_on(end: &WatchEnd) -> (&'static str, String) {
    match end {
        WatchEnd::TimedOut { timeout } => {
            let timeout = humantime::format_duration(*timeout);
            ("timed_out", format!("gave up: the next poll would come after the timeout of {timeout}; the run goes on"))
        }
        WatchEnd::Left { cancellable: false } => {
            ("interrupted", "interrupted; the plugin cannot cancel, so the run goes on".to_owned())
        }
        WatchEnd::NotOurs(error) => ("interrupted", format!("interrupted; {error}")),
        _ => ("interrupted", "interrupted; the run goes on".to_owned()),
    }
}

fn look_first() -> String {
    "a run may have been started: look before you trigger another".to_owned()
}

#[cfg(test)]
mod tests {
    use host_harness::AddressClass;

    use super::*;

    fn request(method: &str, path: &str) -> Denial {
        let origin = "https://host".parse().unwrap();
        Denial::Request { origin, method: method.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn every_denial_names_the_flag_to_add() {
        let origin = || "https://host".parse().unwrap();
        let address =
            Denial::Address { origin: origin(), address: [127, 0, 0, 1].into(), class: AddressClass::Loopback };
        for (denial, hint) in [
            (
                Denial::Origin(origin()),
                "the plugin asked for https://host, which is not allowed: add --allow https://host",
            ),
            (
                request("POST", "/v4/x"),
                "the plugin asked for POST /v4/x at https://host, which is not allowed there: \
                 add --allow 'POST https://host/v4/x'",
            ),
            (
                address,
                "the plugin asked for https://host, whose address 127.0.0.1 is a loopback address: \
                 if that is meant, add --allow-internal https://host",
            ),
        ] {
            assert_eq!(denial_hint(&denial), hint);
        }
    }

    #[test]
    fn a_hint_holds_no_command_that_a_plugin_made_up() {
        for (method, path) in
            [("GET", "/"), ("GET", "/';reboot;'"), ("GET", "/$(reboot)"), ("';'", "/"), ("GET", "/v4/../x")]
        {
            let hint = denial_hint(&request(method, path));
            let flag = "if the plugin is to be trusted with all of it, add --allow https://host";
            assert!(hint.ends_with(flag), "{hint}");
        }
    }
}
