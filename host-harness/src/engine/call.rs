//! Calls: the result of one, and its errors.

use crate::contract::{ErrorKind, Progress, TaskError, Verdict};
use crate::egress::Request;
use crate::{Denial, Exceeded, Function};

/// The result of calling a plugin's function, and what the plugin did meanwhile.
#[derive(Debug)]
pub struct Call<T> {
    /// The plugin's answer, or the error.
    pub outcome: Result<T, CallError>,
    /// The requests that it sent, in order.
    pub requests: Vec<Request>,
    /// The requests that it was denied, each once.
    pub denied: Vec<Denial>,
    /// The limits that peers passed, each once: the plugin got an error for the request and went on.
    pub exceeded: Vec<Exceeded>,
    /// Its output on stderr and stdout, with a note where some of it was dropped.
    pub stderr: String,
}

impl<T> Call<T> {
    /// True if the call failed and may have started a run all the same: see [`CallError::may_have_started`].
    pub fn may_have_started(&self) -> bool {
        self.outcome.as_ref().err().is_some_and(|error| error.may_have_started(&self.requests))
    }

    /// A call in which nothing happened.
    pub(crate) fn quiet(outcome: Result<T, CallError>) -> Self {
        Self { outcome, requests: Vec::new(), denied: Vec::new(), exceeded: Vec::new(), stderr: String::new() }
    }
}

/// What a call has started, as far as it is known. Of a `settle` this says nothing about the trigger before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartEffect {
    /// This call started no run.
    Nothing,
    /// A run may have been started: nothing is triggered again before that is settled.
    Perhaps,
    /// A run was started, found or attached to, and the answer says which.
    Certainly,
}

impl Call<Progress> {
    /// What a `trigger` or a `settle` has itself started.
    pub fn start_effect(&self) -> StartEffect {
        match &self.outcome {
            Ok(Progress::Finished(finished)) if finished.verdict == Verdict::Skipped => StartEffect::Nothing,
            Ok(Progress::Finished(finished)) if finished.verdict == Verdict::Unknown => StartEffect::Perhaps,
            Ok(_) => StartEffect::Certainly,
            Err(_) if self.may_have_started() => StartEffect::Perhaps,
            Err(_) => StartEffect::Nothing,
        }
    }
}

/// An error of a call: there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin answered with an error.
    #[error("{}", .0.message)]
    Task(TaskError),
    /// The plugin does not export this function: its tool does not offer it.
    #[error("the plugin cannot {function}: it does not export {}", function.interface())]
    NotOffered {
        /// The function called.
        function: Function,
    },
    /// The plugin was not called, so nothing was started.
    #[error("the plugin's {function} was not called: {reason}")]
    NotMade {
        /// The function.
        function: Function,
        /// What this machine lacks.
        reason: String,
    },
    /// The plugin, or what it asked of the host, passed a limit, and the call was ended.
    #[error("the plugin's {function} went past {exceeded} and was ended")]
    LimitExceeded {
        /// The function called.
        function: Function,
        /// The limit.
        exceeded: Exceeded,
    },
    /// The plugin's answer violates the contract.
    #[error("the plugin's {function} broke the contract: {reason}")]
    BrokenContract {
        /// The function called.
        function: Function,
        /// The violation.
        reason: String,
    },
    /// The plugin crashed, or the engine had to stop it.
    #[error("the plugin's {function} crashed: {reason}")]
    Trapped {
        /// The function called.
        function: Function,
        /// The engine's words.
        reason: String,
    },
}

impl CallError {
    /// The error code, for programs: the plugin's own, or `not_offered`, `not_made`, `limit_exceeded`,
    /// `broken_contract` or `trapped`.
    pub fn code(&self) -> &str {
        match self {
            Self::Task(error) => &error.code,
            Self::NotOffered { .. } => "not_offered",
            Self::NotMade { .. } => "not_made",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::BrokenContract { .. } => "broken_contract",
            Self::Trapped { .. } => "trapped",
        }
    }

    /// True if a `trigger` or `settle` with this error may have started a run: by the plugin's word or, if it gave none
    /// or is at fault, by the requests that left. Those that only read start nothing (RFC 9110, section 9.2.1).
    pub fn may_have_started(&self, requests: &[Request]) -> bool {
        let reads = |request: &Request| ["GET", "HEAD"].contains(&&*request.method);
        let may_have = || requests.iter().any(|request| !request.never_left && !reads(request));
        match self {
            Self::Task(error) => match error.kind {
                ErrorKind::OutcomeUnknown => true,
                ErrorKind::Internal => error.may_have_started || may_have(),
                _ => error.may_have_started,
            },
            Self::LimitExceeded { .. } | Self::BrokenContract { .. } | Self::Trapped { .. } => may_have(),
            Self::NotOffered { .. } | Self::NotMade { .. } => false,
        }
    }

    /// The error, with the reason that the host knows, and no error code of wasi:http can carry, for the missing
    /// response to the plugin's last request.
    pub(crate) fn explained(self, requests: &[Request], denied: &[Denial]) -> Self {
        let Self::Task(mut error) = self else { return self };
        let last = requests.last().filter(|last| error.http_status.is_none() && last.outcome.is_err());
        let reason = last.and_then(|last| last.reason.as_ref());
        // A denied request needs another remedy than the one that the plugin suggests.
        let unfit = denied.iter().find(|denial| matches!(denial, Denial::UnfitSecret { .. })).map(ToString::to_string);
        if let Some(reason) = reason.cloned().or(unfit.filter(|_| error.kind == ErrorKind::Denied)) {
            error.message = format!("{} ({reason})", error.message);
        }
        Self::Task(error)
    }

    /// Whether the same call may succeed later: the one rule for retries of polls, triggers and `settle`.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Task(error) => {
                matches!(error.kind, ErrorKind::Unavailable | ErrorKind::OutcomeUnknown | ErrorKind::NotUnderstood)
            }
            // What a call takes is mostly its peer's doing.
            Self::NotMade { .. } | Self::LimitExceeded { .. } => true,
            Self::NotOffered { .. } | Self::BrokenContract { .. } | Self::Trapped { .. } => false,
        }
    }

    /// The error that the plugin answered with, if any.
    pub fn task_error(&self) -> Option<&TaskError> {
        match self {
            Self::Task(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limit, Limits};

    #[test]
    fn an_error_is_explained_by_its_own_request_alone() {
        let request = |reason: Option<&str>| Request {
            method: "GET".to_owned(),
            origin: "https://host".parse().unwrap(),
            path: "/".to_owned(),
            outcome: Err("reset".to_owned()),
            never_left: false,
            reason: reason.map(str::to_owned),
        };
        let error = |requests: &[Request]| {
            let error = TaskError {
                kind: ErrorKind::Unavailable,
                code: "no_answer".to_owned(),
                message: "it did not answer".to_owned(),
                raw_message: None,
                http_status: None,
                retry_after_ms: None,
                may_have_started: false,
            };
            CallError::Task(error).explained(requests, &[]).to_string()
        };
        let large = || request(Some("it went past the limit response_body of 8 MiB"));
        assert_eq!(error(&[large(), request(None)]), "it did not answer");
        assert_eq!(error(&[large()]), "it did not answer (it went past the limit response_body of 8 MiB)");
    }

    #[test]
    fn every_error_says_what_happened() {
        for (error, text) in [
            (
                CallError::NotOffered { function: Function::Cancel },
                "the plugin cannot cancel: it does not export orchestrator:plugin/cancellation@0.1.0",
            ),
            (
                CallError::NotMade { function: Function::Poll, reason: "no random numbers".to_owned() },
                "the plugin's poll was not called: no random numbers",
            ),
            (
                CallError::LimitExceeded {
                    function: Function::Poll,
                    exceeded: Limits::default().exceeded(Limit::Memory),
                },
                "the plugin's poll went past the limit memory of 32 MiB and was ended",
            ),
            (
                CallError::BrokenContract { function: Function::Poll, reason: "it lies".to_owned() },
                "the plugin's poll broke the contract: it lies",
            ),
            (
                CallError::Trapped { function: Function::Check, reason: "wasm trap".to_owned() },
                "the plugin's check crashed: wasm trap",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }
}
