//! The outcome of a call as JSON: a document of the library, and beside an error what the host knows of its effect.

use host_harness::contract::{Descriptor, Finding, Progress};
use host_harness::document::{DescriptorDocument, ErrorDocument, FindingsDocument, RunDocument};
use host_harness::{AfterStart, Call, CallError, Function, Recourse, StartEffect};
use serde::Serialize;

/// An outcome: the package tells its cases apart by the key.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome<'a> {
    Progress(RunDocument<'a>),
    Check(FindingsDocument<'a>),
    Descriptor(DescriptorDocument<'a>),
    Error(FailedCall),
}

/// A call that failed.
#[derive(Serialize)]
struct FailedCall {
    #[serde(flatten)]
    error: ErrorDocument,
    /// What the call has started, as far as it is known.
    effect: &'static str,
    /// What follows, where the call was to start a run.
    next_step: Option<&'static str>,
    requests: usize,
    /// The requests that the plugin was denied, in words.
    denied: Vec<String>,
}

/// What is known of a call beside its outcome.
struct Made {
    effect: StartEffect,
    requests: usize,
    denied: Vec<String>,
}

impl Made {
    fn of<T>(call: &Call<T>, effect: StartEffect) -> Self {
        Self { effect, requests: call.requests.len(), denied: call.denied.iter().map(ToString::to_string).collect() }
    }

    fn failed(self, error: &CallError, next_step: Option<&'static str>) -> String {
        let effect = effect_name(self.effect);
        json(&Outcome::Error(FailedCall {
            error: error.into(),
            effect,
            next_step,
            requests: self.requests,
            denied: self.denied,
        }))
    }
}

/// The outcome of a `trigger` or a `settle`, and what follows from it, decided by the library.
pub(crate) fn started(function: Function, call: Call<Progress>, settlement: bool) -> String {
    let made = Made::of(&call, call.start_effect());
    let after = match function {
        Function::Trigger => AfterStart::of_trigger(call, Recourse { settlement, retry: true }),
        _ => AfterStart::of_settle(call),
    };
    match after {
        AfterStart::Watch(running) => progress(&Progress::Running(running), None, made.requests),
        AfterStart::Finished(finished) => progress(&Progress::Finished(finished), None, made.requests),
        AfterStart::Settle(error) => made.failed(&error, Some("settle")),
        AfterStart::Retry(error) => made.failed(&error, Some("retry")),
        AfterStart::Failed(error) => made.failed(&error, Some("give_up")),
        AfterStart::Unknown(error) => made.failed(&error, Some("ask_a_person")),
    }
}

/// The outcome of a `poll` or a `cancel` of this run: neither starts one.
pub(crate) fn of_run(call: &Call<Progress>, run: &str) -> String {
    match &call.outcome {
        Ok(answer) => progress(answer, Some(run), call.requests.len()),
        Err(error) => Made::of(call, StartEffect::Nothing).failed(error, None),
    }
}

/// The outcome of a `check`.
pub(crate) fn checked(call: &Call<Vec<Finding>>) -> String {
    match &call.outcome {
        Ok(findings) => json(&Outcome::Check(FindingsDocument::new(findings, call.requests.len()))),
        Err(error) => Made::of(call, StartEffect::Nothing).failed(error, None),
    }
}

/// The outcome of a `describe` that failed.
pub(crate) fn undescribed(call: &Call<Descriptor>, error: &CallError) -> String {
    Made::of(call, StartEffect::Nothing).failed(error, None)
}

/// The outcome of a `describe`, of which the descriptor is kept.
pub(crate) fn described(descriptor: &Descriptor) -> String {
    json(&Outcome::Descriptor(descriptor.into()))
}

/// The outcome of a `settle` that was not made, because nobody can tell how long ago the trigger was.
pub(crate) fn of_no_age() -> String {
    let message = "nobody can tell how long ago the run was triggered: the machine stood still since, or the clocks differ too much; \
                   look in the tool whether a run was started";
    let error = ErrorDocument::host("host", "age_unknown", message);
    json(&Outcome::Error(FailedCall {
        error,
        effect: effect_name(StartEffect::Perhaps),
        next_step: Some("ask_a_person"),
        requests: 0,
        denied: Vec::new(),
    }))
}

/// The outcome of a call that the host itself broke off.
pub(crate) fn of_broken_off(function: Function, settlement: bool) -> String {
    let starts = matches!(function, Function::Trigger | Function::Settle);
    let message = format!("the host broke off the plugin's {function}");
    json(&Outcome::Error(FailedCall {
        error: ErrorDocument::host("host", "broken_off", message),
        effect: effect_name(if starts { StartEffect::Perhaps } else { StartEffect::Nothing }),
        next_step: starts.then_some(if settlement { "settle" } else { "ask_a_person" }),
        requests: 0,
        denied: Vec::new(),
    }))
}

fn progress(answer: &Progress, run: Option<&str>, requests: usize) -> String {
    json(&Outcome::Progress(RunDocument::new(answer, run, requests)))
}

fn effect_name(effect: StartEffect) -> &'static str {
    match effect {
        StartEffect::Nothing => "nothing",
        StartEffect::Perhaps => "perhaps",
        StartEffect::Certainly => "certainly",
    }
}

/// Every document is made of texts, numbers and lists, of all of which JSON can be made.
fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use host_harness::contract::{ErrorKind, FindingStatus, Finished, Report, Running, TaskError, Verdict};
    use serde_json::{Value, json};

    use super::*;

    fn call<T>(outcome: Result<T, CallError>) -> Call<T> {
        Call { outcome, requests: Vec::new(), denied: Vec::new(), exceeded: Vec::new(), stderr: String::new() }
    }

    fn refused(kind: ErrorKind, may_have_started: bool) -> CallError {
        CallError::Task(TaskError {
            kind,
            code: "busy".to_owned(),
            message: "the tool is busy".to_owned(),
            raw_message: Some("Busy.".to_owned()),
            http_status: Some(503),
            retry_after_ms: Some(1500),
            may_have_started,
        })
    }

    fn report() -> Report {
        let message = "loading".to_owned();
        Report { message, steps: vec![], started_at: None, completed_at: None, metadata: vec![], links: vec![] }
    }

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_failed_trigger_says_what_it_has_started_and_what_follows() {
        for (kind, may_have_started, settlement, effect, next_step) in [
            (ErrorKind::Unauthorized, false, true, "nothing", "give_up"),
            (ErrorKind::Unavailable, false, true, "nothing", "retry"),
            (ErrorKind::OutcomeUnknown, true, true, "perhaps", "settle"),
            (ErrorKind::OutcomeUnknown, true, false, "perhaps", "ask_a_person"),
        ] {
            let outcome = started(Function::Trigger, call(Err(refused(kind, may_have_started))), settlement);
            let error = &read(&outcome)["error"];
            assert_eq!((&error["effect"], &error["next_step"]), (&json!(effect), &json!(next_step)), "{kind:?}");
        }
    }

    #[test]
    fn an_error_is_told_in_full() {
        let outcome = of_run(&call(Err(refused(ErrorKind::Unavailable, false))), "r1");
        assert_eq!(
            read(&outcome),
            json!({"error": {
                "kind": "unavailable", "code": "busy", "message": "the tool is busy", "raw_message": "Busy.", "http_status": 503,
                "retry_after_ms": 1500, "may_have_started": false, "effect": "nothing", "next_step": null, "requests": 0, "denied": [],
            }})
        );
    }

    #[test]
    fn a_run_is_kept_while_it_goes_on_and_named_when_it_has_ended() {
        let running = Progress::Running(Running { run: "r2".to_owned(), poll_after_ms: 20_000, report: report() });
        let finished = Progress::Finished(Finished { verdict: Verdict::Failed, report: report() });
        let running = read(&of_run(&call(Ok(running)), "r1"));
        assert_eq!((&running["progress"]["run"], &running["progress"]["verdict"]), (&json!("r2"), &json!(null)));
        let finished = read(&of_run(&call(Ok(finished)), "r1"));
        assert_eq!((&finished["progress"]["run"], &finished["progress"]["verdict"]), (&json!("r1"), &json!("failed")));
    }

    #[test]
    fn what_a_check_found_and_what_a_plugin_says_of_itself_are_told_by_their_names() {
        let finding =
            Finding { code: "token".to_owned(), status: FindingStatus::Ok, message: "it is valid".to_owned() };
        let found = read(&checked(&call(Ok(vec![finding]))));
        assert_eq!(found["check"]["findings"][0]["code"], "token");
        let descriptor = Descriptor {
            name: "sample".to_owned(),
            version: "0.1.0".to_owned(),
            tool: "Sample".to_owned(),
            parameters: vec![],
            connection: vec![],
            origins: vec![],
            poll_budget: None,
        };
        assert_eq!(read(&described(&descriptor))["descriptor"]["tool"], "Sample");
        let error = refused(ErrorKind::Internal, false);
        assert_eq!(read(&undescribed(&call(Err(error.clone())), &error))["error"]["kind"], "internal");
    }

    #[test]
    fn a_start_that_the_host_broke_off_may_have_started_a_run() {
        let error = |function| read(&of_broken_off(function, true))["error"]["effect"].clone();
        assert_eq!([Function::Trigger, Function::Settle, Function::Poll].map(error), ["perhaps", "perhaps", "nothing"]);
        assert_eq!(read(&of_no_age())["error"]["next_step"], "ask_a_person");
    }
}
