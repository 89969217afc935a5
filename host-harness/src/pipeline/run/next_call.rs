//! The next call for all runs that are due: how many it is made for, what is reserved for it, and what follows where it fails.

use std::collections::VecDeque;
use std::time::Duration;

use crate::pipeline::run::due_runs::DueRun;
use crate::pipeline::run::rate_limit::counted;
use crate::{CallError, Limit};

/// For so many runs beyond those of the last call, one more request is reserved.
const RUNS_PER_REQUEST: u32 = 20;

/// The most runs of a call.
const MOST_RUNS: usize = 2_000;

/// What is known of the next call.
#[derive(Debug)]
pub(crate) struct NextCall {
    /// The requests of the last call, and its runs.
    last: (u32, u32),
    /// The least number of requests to reserve, after a call that needed more than it had.
    least: u32,
    /// The most runs to poll in it, fewer after a call that was too large.
    most_runs: usize,
    /// No call before this time, by the host's clock: what the last one spent is shared out over the window.
    pub(crate) not_before: Duration,
}

impl Default for NextCall {
    fn default() -> Self {
        Self { last: (0, 0), least: 0, most_runs: MOST_RUNS, not_before: Duration::ZERO }
    }
}

impl NextCall {
    /// The runs that it is made for, and the requests to reserve for them: those of the last call, in proportion.
    pub(crate) fn next(&self, due: &mut VecDeque<DueRun>) -> (usize, u32) {
        due.retain(|run| !run.answer.is_closed());
        let taken = due.len().min(self.most_runs);
        let runs = counted(taken);
        let (last_requests, last_runs) = self.last;
        let expected = match runs.checked_sub(last_runs) {
            Some(more) => last_requests.saturating_add(more / RUNS_PER_REQUEST),
            None => last_requests.saturating_mul(runs).div_ceil(last_runs),
        };
        let own = due.iter().take(taken).map(|run| run.requests).max();
        (taken, expected.max(own.unwrap_or_default()).max(self.least))
    }

    pub(crate) fn answered(&mut self, requests: u32, runs: usize) {
        self.last = (requests, counted(runs));
        self.least = 0;
        if runs == self.most_runs {
            // Slowly, since the next failure costs a call.
            self.most_runs = (runs + runs.div_ceil(8)).min(MOST_RUNS);
        }
    }

    /// True if a call that failed for all of its runs is to be made otherwise: with more requests where they were too few, for
    /// fewer runs where it was too large.
    pub(crate) fn may_pass_otherwise(
        &mut self,
        error: &CallError,
        requests: u32,
        may_have_more: bool,
        runs: usize,
    ) -> bool {
        match error {
            _ if may_have_more && exceeds_requests(error) => self.least = requests.saturating_mul(2),
            CallError::LimitExceeded { exceeded, .. } if exceeded.limit != Limit::Requests && runs > 1 => {
                self.most_runs = runs / 2;
            }
            _ => return false,
        }
        true
    }
}

/// True if a call needed more requests than it had.
pub(crate) fn exceeds_requests(error: &CallError) -> bool {
    matches!(error, CallError::LimitExceeded { exceeded, .. } if exceeded.limit == Limit::Requests)
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::pipeline::run::due_runs::Answer;
    use crate::{Arguments, Function, Limits};

    /// Runs that are due, and those who wait for them.
    fn due(runs: usize, requests: u32) -> (Vec<oneshot::Receiver<Answer>>, VecDeque<DueRun>) {
        let run = |_| {
            let ((answer, waiting), run) = (oneshot::channel(), "run".to_owned());
            (waiting, DueRun { arguments: Arguments::new(Vec::new(), Vec::new()), run, requests, answer })
        };
        (0..runs).map(run).unzip()
    }

    fn past(limit: Limit) -> CallError {
        CallError::LimitExceeded { function: Function::PollMany, exceeded: Limits::default().exceeded(limit) }
    }

    #[test]
    fn as_many_requests_are_reserved_as_the_last_call_took_for_as_many_runs() {
        let mut next = NextCall::default();
        let requests = |next: &NextCall, runs, requests| next.next(&mut due(runs, requests).1).1;
        assert_eq!(requests(&next, 1, 5), 5, "a first poll may search");
        assert_eq!(requests(&next, 200, 5), 10, "some pages for many runs");
        next.answered(4, 200);
        assert_eq!([1, 50, 51, 200].map(|runs| requests(&next, runs, 1)), [1, 1, 2, 4]);
        assert_eq!(requests(&next, 240, 1), 4 + 2);
        assert_eq!(requests(&next, 5, 5), 5);
    }

    #[test]
    fn a_run_that_nobody_waits_for_is_left_out() {
        let (mut waiting, mut runs) = due(3, 1);
        waiting.remove(1);
        assert_eq!(NextCall::default().next(&mut runs), (2, 1));
        assert_eq!(runs.len(), 2);
    }

    #[test]
    fn a_call_that_needed_more_requests_is_made_again_with_twice_as_many() {
        let mut next = NextCall::default();
        assert!(next.may_pass_otherwise(&past(Limit::Requests), 5, true, 200));
        assert_eq!(next.next(&mut due(20, 1).1), (20, 10));
        next.answered(7, 20);
        assert_eq!(next.next(&mut due(20, 1).1), (20, 7));
        assert!(!next.may_pass_otherwise(&past(Limit::Requests), 30, false, 200), "each is polled by itself");
    }

    #[test]
    fn a_call_that_is_too_large_is_made_for_half_of_its_runs_and_then_slowly_for_more() {
        let mut next = NextCall::default();
        assert!(next.may_pass_otherwise(&past(Limit::Memory), 5, true, 200));
        assert_eq!(next.next(&mut due(300, 1).1).0, 100);
        next.answered(1, 99);
        assert_eq!(next.most_runs, 100, "only a full call shows that more may be asked for");
        next.answered(1, 100);
        assert_eq!(next.most_runs, 113);
        assert!(!next.may_pass_otherwise(&past(Limit::Memory), 5, true, 1));
    }

    #[test]
    fn a_call_that_crashed_is_not_made_again() {
        let crashed = CallError::Trapped { function: Function::PollMany, reason: "wasm trap".to_owned() };
        assert!(!NextCall::default().may_pass_otherwise(&crashed, 5, true, 200));
    }
}
