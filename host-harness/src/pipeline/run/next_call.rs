//! The next call for all runs that are due: how many it is made for, what is reserved for it, and what follows where it fails.

use std::collections::VecDeque;
use std::time::Duration;

use crate::pipeline::run::due_runs::DueRun;
use crate::pipeline::run::rate_limit::counted;
use crate::{CallError, Limit, LimitValue};

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
    /// The runs that it is made for, and the requests to reserve for them: those of the last call, since fewer runs may lie on as
    /// many pages, and some for runs beyond those.
    pub(crate) fn next(&self, due: &mut VecDeque<DueRun>) -> (usize, u32) {
        due.retain(|run| !run.answer.is_closed());
        let taken = due.len().min(self.most_runs);
        let runs = counted(taken);
        let (last_requests, last_runs) = self.last;
        let expected = last_requests.saturating_add(runs.saturating_sub(last_runs) / RUNS_PER_REQUEST);
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
    /// fewer runs where it was too large. It had a share of the budget's requests and spent some.
    pub(crate) fn may_pass_otherwise(&mut self, error: &CallError, (share, budget): (u32, u32), runs: usize) -> bool {
        match error {
            _ if share < budget && exceeds_share(error, share) => self.least = share.saturating_mul(2),
            CallError::LimitExceeded { .. } if runs > 1 => self.most_runs = runs / 2,
            _ => return false,
        }
        true
    }
}

/// True if a call needed more requests that count against the budget than its share.
pub(crate) fn exceeds_share(error: &CallError, share: u32) -> bool {
    let CallError::LimitExceeded { exceeded, .. } = error else { return false };
    exceeded.limit == Limit::Requests
        && exceeded.value == LimitValue::Count(usize::try_from(share).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::pipeline::run::due_runs::Answer;
    use crate::{Arguments, Exceeded, Function, Limits};

    type Waiting = Vec<oneshot::Receiver<Answer>>;

    /// Runs that are due, each with the requests that its own poll would need.
    fn due(costs: impl IntoIterator<Item = u32>) -> (VecDeque<DueRun>, Waiting) {
        let run = |requests| {
            let (answer, answered) = oneshot::channel();
            let arguments = Arguments::new(Vec::new(), Vec::new());
            (DueRun { arguments, run: "r".to_owned(), requests, answer }, answered)
        };
        costs.into_iter().map(run).unzip()
    }

    fn next(next_call: &NextCall, costs: impl IntoIterator<Item = u32>) -> (usize, u32) {
        let (mut runs, _waiting) = due(costs);
        next_call.next(&mut runs)
    }

    fn passed(limit: Limit, value: LimitValue) -> CallError {
        CallError::LimitExceeded { function: Function::PollMany, exceeded: Exceeded { limit, value } }
    }

    #[test]
    fn as_much_is_reserved_as_the_last_call_needed_and_a_request_for_each_twenty_runs_more() {
        let mut next_call = NextCall::default();
        assert_eq!(next(&next_call, [1; 0]), (0, 0));
        assert_eq!(next(&next_call, [1, 5, 2]), (3, 5));
        assert_eq!(next(&next_call, [1; 200]), (200, 10));
        next_call.answered(2, 200);
        for (runs, requests) in [(1, 2), (200, 2), (219, 2), (220, 3), (300, 7)] {
            assert_eq!(next(&next_call, vec![1; runs]), (runs, requests), "{runs} runs");
        }
    }

    #[test]
    fn runs_that_nobody_waits_for_are_left_out() {
        let (mut runs, mut waiting) = due([1, 9, 1]);
        waiting.remove(1);
        assert_eq!(NextCall::default().next(&mut runs), (2, 1));
        assert_eq!(runs.len(), 2);
    }

    #[test]
    fn after_a_call_that_needed_more_than_its_share_the_next_one_has_twice_as_much() {
        let mut next_call = NextCall::default();
        let error = passed(Limit::Requests, LimitValue::Count(5));
        assert!(next_call.may_pass_otherwise(&error, (5, 30), 10));
        assert_eq!(next(&next_call, [1; 10]), (10, 10));
        next_call.answered(7, 10);
        assert_eq!(next(&next_call, [1; 10]), (10, 7));
    }

    #[test]
    fn a_call_that_was_too_large_is_made_for_half_as_many_runs_and_then_for_more_each_time() {
        let mut next_call = NextCall::default();
        for error in [
            passed(Limit::Answer, LimitValue::Count(5)),
            // The host's own limit, and the whole budget.
            passed(Limit::Requests, LimitValue::Count(64)),
            passed(Limit::Requests, LimitValue::Count(30)),
        ] {
            let share = if error == passed(Limit::Requests, LimitValue::Count(30)) { 30 } else { 5 };
            assert!(next_call.may_pass_otherwise(&error, (share, 30), 100), "{error}");
            assert_eq!(next(&next_call, [1; 100]).0, 50, "{error}");
        }
        // Not after one that had fewer.
        next_call.answered(1, 49);
        assert_eq!(next(&next_call, [1; 100]).0, 50);
        for runs in [50, 57, 65] {
            assert_eq!(next(&next_call, [1; 100]).0, runs);
            next_call.answered(1, runs);
        }
        next_call.answered(1, MOST_RUNS);
        assert_eq!(next(&next_call, vec![1; MOST_RUNS + 1]).0, 74);
    }

    #[test]
    fn no_call_is_for_more_runs_than_the_limits_of_a_call_are_enough_for() {
        let mut next_call = NextCall::default();
        next_call.answered(1, MOST_RUNS);
        assert_eq!(next(&next_call, vec![1; MOST_RUNS + 1]).0, MOST_RUNS);
    }

    #[test]
    fn what_no_other_call_can_mend_is_left_to_polls_of_each_run() {
        let crashed = CallError::Trapped { function: Function::PollMany, reason: "unreachable".to_owned() };
        let too_large = CallError::LimitExceeded {
            function: Function::PollMany,
            exceeded: Limits::default().exceeded(Limit::Memory),
        };
        let mut next_call = NextCall::default();
        assert!(!next_call.may_pass_otherwise(&crashed, (5, 30), 10));
        assert!(!next_call.may_pass_otherwise(&too_large, (5, 30), 1));
        assert!(next_call.may_pass_otherwise(&too_large, (5, 30), 2));
        assert!(!next_call.may_pass_otherwise(&passed(Limit::Requests, LimitValue::Count(30)), (30, 30), 1));
    }
}
