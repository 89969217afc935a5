//! Response faults: late, missing, truncated or malformed answers.

use std::fmt;

use crate::CallError;
use crate::conformance::checks::verdicts::{Answered, Outcome, told};
use crate::conformance::kit::called::Called;
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::contract::{ErrorKind, FindingStatus, Progress};

/// A fault of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseFault {
    /// It never comes.
    Late,
    /// The connection is closed instead.
    Closed,
    /// It breaks off in its body.
    CutOff,
    /// Its body is not JSON.
    Garbled,
    /// It has no body.
    Empty,
    /// Its body is an empty object.
    Object,
    /// Its body is null.
    Null,
}

impl ResponseFault {
    pub(crate) const ALL: [Self; 7] =
        [Self::Late, Self::Closed, Self::CutOff, Self::Garbled, Self::Empty, Self::Object, Self::Null];

    /// True if the answer's status arrives.
    fn status_comes(self) -> bool {
        !matches!(self, Self::Late | Self::Closed)
    }

    /// The complete body that replaces the tool's.
    pub(crate) fn body(self) -> Option<&'static str> {
        match self {
            Self::Late | Self::Closed | Self::CutOff => None,
            Self::Garbled => Some("<html>these are not the answers you expect</html>"),
            Self::Empty => Some(""),
            Self::Object => Some("{}"),
            Self::Null => Some("null"),
        }
    }

    /// True if the fault changes the answer. `fails`: the situation's call returns an error.
    pub(crate) fn spoils(self, exchange: &Exchange, fails: bool) -> bool {
        // The status alone may suffice for an error that the plugin handles.
        let told_by_status = exchange.failed() && !fails;
        let body = exchange.body.trim();
        !self.status_comes() || (!told_by_status && !body.is_empty() && self.body() != Some(body))
    }
}

impl fmt::Display for ResponseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Late => "never comes",
            Self::Closed => "is a closed connection",
            Self::CutOff => "is cut off",
            Self::Garbled => "is not JSON",
            Self::Empty => "is empty",
            Self::Object => "is {}",
            Self::Null => "is null",
        })
    }
}

/// A faulty response, and its significance for the call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultyResponse<'a> {
    pub(crate) fault: ResponseFault,
    pub(crate) call: Called,
    pub(crate) exchange: &'a Exchange,
    /// True if a request that starts a run was answered well before.
    pub(crate) started: bool,
}

impl<'a> FaultyResponse<'a> {
    /// The faulty response at this position of the script, if it was requested.
    pub(crate) fn of(
        fault: ResponseFault,
        call: Called,
        script: &'a [Exchange],
        at: usize,
        seen: &[RecordedRequest],
    ) -> Option<Self> {
        let reached = seen.iter().position(|seen| seen.at == Some(at))?;
        let mut before = seen[..reached].iter().filter_map(|seen| script.get(seen.at?));
        let started = before.any(|exchange| exchange.starts && !exchange.failed());
        Some(Self { fault, call, exchange: script.get(at)?, started })
    }

    /// The error kinds that the call may return, by the contract.
    fn right_kinds(self) -> &'static [ErrorKind] {
        use ErrorKind::{NotFound, NotUnderstood, OutcomeUnknown, Rejected, Unauthorized, Unavailable};
        let Self { fault, exchange, started, .. } = self;
        if exchange.failed() && fault.status_comes() && !started {
            // The status still reports the error.
            return &[Unauthorized, NotFound, Rejected, Unavailable, OutcomeUnknown, NotUnderstood];
        }
        match (fault.body().is_none(), started || exchange.starts) {
            (true, true) => &[OutcomeUnknown],
            (true, false) => &[Unavailable],
            (false, true) => &[NotUnderstood, OutcomeUnknown],
            (false, false) => &[NotUnderstood, Unavailable],
        }
    }

    /// The required `may-have-started` of the error. None if either is right: an error status may be the tool's refusal
    /// or a gateway's.
    fn may_have_started(self) -> Option<bool> {
        match (self.started, self.exchange.starts) {
            (true, _) => Some(true),
            (false, false) => Some(false),
            (false, true) => (!self.exchange.failed() || !self.fault.status_comes()).then_some(true),
        }
    }

    /// True if the call may report that the run goes on.
    fn may_run(self) -> bool {
        let other_shape = matches!(self.fault, ResponseFault::Object | ResponseFault::Null);
        match self.call {
            Called::Poll => other_shape,
            // The status alone, or an answer before, shows that a run was started.
            Called::Trigger | Called::Settle => self.started || (other_shape && self.exchange.starts),
            // The status shows that the tool was asked to stop it.
            Called::Cancel => self.fault.body().is_some() && !self.exchange.is_read(),
            Called::Check => false,
        }
    }

    /// The flaw in the call's outcome. Where the answer is faulty is told by the play.
    pub(crate) fn flaw(self, outcome: &Outcome) -> Option<String> {
        let found = |status| match outcome {
            Ok(Answered::Findings(findings)) => findings.iter().any(|finding| finding.status == status),
            _ => false,
        };
        if let (Err(CallError::Task(error)), Some(expected)) = (outcome, self.may_have_started())
            && error.may_have_started != expected
        {
            let after =
                if expected { "the request that starts a run left" } else { "no request that starts a run left" };
            return Some(format!("{after}, and may-have-started is {}", error.may_have_started));
        }
        let kinds = self.right_kinds();
        let allowed = match outcome {
            Err(CallError::Task(error)) => kinds.contains(&error.kind),
            Ok(Answered::Progress(Progress::Running(_))) => self.may_run(),
            // A warning suffices if the tool answered something.
            Ok(Answered::Findings(_)) => {
                found(FindingStatus::Problem) || (self.fault.body().is_some() && found(FindingStatus::Warning))
            }
            Ok(Answered::Progress(Progress::Finished(_))) | Err(_) => false,
        };
        let kinds: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        let after = if self.started { "after a run was started, " } else { "" };
        (!allowed).then(|| format!("{after}expected the error {}, found {}", kinds.join(" or "), told(outcome)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::sample::{finished, found, running, task_error};
    use crate::contract::{TaskError, Verdict};

    fn exchange(request: &str, more: &str) -> Exchange {
        toml::from_str(&format!("request = '{request}'\nbody = '{{\"id\": 7}}'\n{more}")).unwrap()
    }

    /// The right error kinds when the answer to a request is faulty.
    fn kinds(call: Called, exchange: &Exchange, started: bool, fault: ResponseFault) -> Vec<&'static str> {
        let spoiled = FaultyResponse { fault, call, exchange, started };
        let flaw = |kind, may_have_started| spoiled.flaw(&saying(kind, may_have_started));
        let right = |kind: &ErrorKind| [false, true].map(|said| flaw(*kind, said)).contains(&None);
        let all = [ErrorKind::Unavailable, ErrorKind::OutcomeUnknown, ErrorKind::NotUnderstood, ErrorKind::Rejected];
        all.iter().filter(|kind| right(kind)).map(|kind| kind.as_str()).collect()
    }

    /// An error with this `may-have-started`.
    fn saying(kind: ErrorKind, may_have_started: bool) -> Outcome {
        Err(CallError::Task(TaskError { may_have_started, ..task_error(kind) }))
    }

    #[test]
    fn a_run_may_have_been_started_only_where_the_request_left_that_starts_one() {
        let (look, start) = (exchange("GET /jobs", ""), exchange("POST /jobs", "starts = true"));
        let token = exchange("POST /token", "");
        let flaw = |exchange, started, said| {
            let spoiled = FaultyResponse { fault: ResponseFault::Garbled, call: Called::Trigger, exchange, started };
            spoiled.flaw(&saying(ErrorKind::NotUnderstood, said))
        };
        for (exchange, started, expected) in
            [(&look, false, false), (&token, false, false), (&start, false, true), (&look, true, true)]
        {
            assert_eq!(flaw(exchange, started, expected), None);
            let found = flaw(exchange, started, !expected).expect("a flaw");
            assert!(found.ends_with(&format!("and may-have-started is {}", !expected)), "{found}");
        }
        let refusal = exchange("POST /jobs", "starts = true\nstatus = 502");
        assert_eq!([false, true].map(|said| flaw(&refusal, false, said)), [None, None]);
    }

    #[test]
    fn a_lost_answer_is_unavailable_unless_a_run_may_have_been_started() {
        let (look, start) = (exchange("GET /jobs", ""), exchange("POST /jobs", "starts = true"));
        for fault in [ResponseFault::Late, ResponseFault::Closed, ResponseFault::CutOff] {
            assert_eq!(kinds(Called::Poll, &look, false, fault), ["unavailable"], "{fault}");
            assert_eq!(kinds(Called::Trigger, &start, false, fault), ["outcome_unknown"], "{fault}");
            assert_eq!(kinds(Called::Trigger, &look, true, fault), ["outcome_unknown"], "{fault}");
        }
    }

    #[test]
    fn a_run_was_started_where_its_request_was_answered_well_before() {
        for (status, started) in [(200, true), (409, false)] {
            let start = exchange("POST /jobs", &format!("starts = true\nstatus = {status}"));
            let script = [start, exchange("GET /jobs/7", "")];
            let seen = [0, 1].map(|at| RecordedRequest { at: Some(at), ..RecordedRequest::default() });
            let spoiled = |at, seen: &[RecordedRequest]| {
                FaultyResponse::of(ResponseFault::Late, Called::Trigger, &script, at, seen)
            };
            assert_eq!(spoiled(1, &seen).map(|spoiled| spoiled.started), Some(started), "{status}");
            assert_eq!(spoiled(0, &seen).map(|spoiled| spoiled.started), Some(false));
            assert!(spoiled(1, &seen[..1]).is_none());
        }
    }

    #[test]
    fn an_answer_that_makes_no_sense_is_not_understood() {
        let (look, start) = (exchange("GET /jobs", ""), exchange("POST /jobs", "starts = true"));
        for fault in [ResponseFault::Garbled, ResponseFault::Empty, ResponseFault::Object, ResponseFault::Null] {
            assert_eq!(kinds(Called::Poll, &look, false, fault), ["unavailable", "not_understood"], "{fault}");
            let after = ["outcome_unknown", "not_understood"];
            assert_eq!(kinds(Called::Trigger, &start, false, fault), after, "{fault}");
            assert_eq!(kinds(Called::Trigger, &look, true, fault), after, "{fault}");
        }
    }

    #[test]
    fn a_status_that_came_still_tells_of_the_error() {
        let refusal = exchange("POST /jobs", "starts = true\nstatus = 403");
        assert_eq!(kinds(Called::Trigger, &refusal, false, ResponseFault::Garbled).len(), 4);
        assert_eq!(kinds(Called::Trigger, &refusal, false, ResponseFault::Late), ["outcome_unknown"]);
    }

    #[test]
    fn it_is_never_a_verdict_and_seldom_running() {
        let (look, stop) = (exchange("GET /jobs/7", ""), exchange("DELETE /jobs/7", ""));
        let start = exchange("POST /jobs", "starts = true");
        for fault in ResponseFault::ALL {
            let flaw = |call, exchange, outcome: &Outcome| {
                FaultyResponse { fault, call, exchange, started: false }.flaw(outcome)
            };
            for verdict in [Verdict::Succeeded, Verdict::Failed, Verdict::Unknown] {
                assert!(flaw(Called::Poll, &look, &finished(verdict)).is_some(), "{fault}");
            }
            let runs = |call, exchange| flaw(call, exchange, &running()).is_none();
            let shape = matches!(fault, ResponseFault::Object | ResponseFault::Null);
            assert_eq!(runs(Called::Poll, &look), shape, "{fault}");
            assert_eq!(runs(Called::Trigger, &start), shape, "{fault}");
            assert!(!runs(Called::Settle, &look) && !runs(Called::Cancel, &look), "{fault}");
            assert_eq!(runs(Called::Cancel, &stop), fault.body().is_some(), "{fault}");
        }
    }

    #[test]
    fn a_check_that_saw_nothing_does_not_find_all_fine() {
        use FindingStatus::{Ok, Problem, Warning};
        let look = exchange("GET /jobs/7", "");
        for (fault, status, right) in [
            (ResponseFault::Late, Ok, false),
            (ResponseFault::Late, Warning, false),
            (ResponseFault::Late, Problem, true),
            (ResponseFault::Object, Ok, false),
            (ResponseFault::Object, Warning, true),
        ] {
            let spoiled = FaultyResponse { fault, call: Called::Check, exchange: &look, started: false };
            assert_eq!(spoiled.flaw(&found(status)).is_none(), right, "{fault} {status}");
        }
    }

    #[test]
    fn an_answer_without_a_body_is_only_lost() {
        let empty: Exchange = toml::from_str("request = 'GET /jobs'").unwrap();
        let spoils: Vec<_> = ResponseFault::ALL.into_iter().filter(|fault| fault.spoils(&empty, false)).collect();
        assert_eq!(spoils, [ResponseFault::Late, ResponseFault::Closed]);
        let object = exchange("GET /jobs", "").clone();
        let object = Exchange { body: "{}".to_owned(), ..object };
        assert!(!ResponseFault::Object.spoils(&object, false) && ResponseFault::Null.spoils(&object, false));
        let refusal = exchange("GET /jobs", "status = 409");
        assert!(!ResponseFault::Garbled.spoils(&refusal, false) && ResponseFault::Garbled.spoils(&refusal, true));
    }
}
