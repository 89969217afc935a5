//! Check of runs that were polled together: each is told what its own poll tells. Nothing here does I/O.

use crate::CallError;
use crate::conformance::checks::conduct::of_reads;
use crate::conformance::checks::summary::differs;
use crate::conformance::checks::verdicts::{Answered, Outcome, of_refusal, told};
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::mock_server::recorded_request::RecordedRequest;
use crate::contract::{Progress, TaskError};

/// The outcome of each run of a `poll-many`, or the error of the call.
pub(crate) type Together = Result<Vec<Outcome>, CallError>;

/// How far a result is to be that of the run's own poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// In all that is said of the run.
    Whole,
    /// In what an engine acts on: polls of this run tell another message each time.
    Summary,
}

/// Checks the result of each run, given the outcome of its own poll. None stands for a damaged run, which must be refused.
pub(crate) fn of_results(together: &Together, alone: &[Option<&Outcome>], likeness: Likeness) -> Option<String> {
    let results = match together {
        Ok(results) => results,
        Err(error) => return Some(error.to_string()),
    };
    results.iter().zip(alone).enumerate().find_map(|(at, (result, alone))| {
        let flaw = match alone {
            Some(alone) => disagreement(alone, result, likeness),
            None => of_refusal("run", result).map(|flaw| format!("it is damaged; {flaw}")),
        };
        flaw.map(|flaw| format!("run {} of {}: {flaw}", at + 1, results.len()))
    })
}

/// True if two polls of a run say the same of it. The run that is handed back and the times to wait may differ.
pub(crate) fn agrees(first: &Outcome, second: &Outcome) -> bool {
    match (first, second) {
        (Ok(Answered::Progress(Progress::Running(first))), Ok(Answered::Progress(Progress::Running(second)))) => {
            first.report == second.report
        }
        (Err(CallError::Task(first)), Err(CallError::Task(second))) => {
            let said = |error: &TaskError| TaskError { retry_after_ms: None, ..error.clone() };
            said(first) == said(second)
        }
        (first, second) => first == second,
    }
}

fn disagreement(alone: &Outcome, together: &Outcome, likeness: Likeness) -> Option<String> {
    let agree = match likeness {
        Likeness::Whole => agrees(alone, together),
        Likeness::Summary => differs(alone, together).is_none(),
    };
    (!agree).then(|| {
        let (mut first, mut second) = (told(alone), told(together));
        if first == second {
            (first, second) = (format!("{alone:?}"), format!("{together:?}"));
        }
        format!("its own poll answers {first}, poll-many {second}")
    })
}

/// Checks that nothing was sent that may change something, nor more than the polls of the runs would send.
pub(crate) fn of_requests_together(script: &[Exchange], seen: &[RecordedRequest]) -> Option<String> {
    of_reads(script, seen).or_else(|| {
        let odd = seen.iter().find(|seen| seen.at.is_none())?;
        Some(format!("it sent {} {}, which the polls of its runs would not send", odd.method, odd.target))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Function;
    use crate::conformance::sample::{error, finished, report, running, task_error};
    use crate::contract::{ErrorKind, Finished, Report, Running, Verdict};

    fn of(together: Vec<Outcome>, alone: &[Option<&Outcome>]) -> Option<String> {
        of_results(&Ok(together), alone, Likeness::Whole)
    }

    #[test]
    fn a_run_is_told_what_its_own_poll_tells() {
        let alone = finished(Verdict::Failed);
        assert_eq!(of(vec![alone.clone()], &[Some(&alone)]), None);
        let flaw = of(vec![alone.clone(), finished(Verdict::Succeeded)], &[Some(&alone), Some(&alone)]);
        let expected = "run 2 of 2: its own poll answers failed (so it stands), poll-many succeeded (so it stands)";
        assert_eq!(flaw.as_deref(), Some(expected));
        let flaw = of(vec![error(ErrorKind::Unavailable)], &[Some(&error(ErrorKind::NotFound))]).unwrap();
        assert!(flaw.ends_with("poll-many the error unavailable, code odd (it is odd)"), "{flaw}");
    }

    #[test]
    fn each_part_of_an_error_is_to_agree_but_the_time_to_wait() {
        let alone = task_error(ErrorKind::Rejected);
        let agree = |error: TaskError| {
            of(vec![Err(CallError::Task(error))], &[Some(&Err(CallError::Task(alone.clone())))]).is_none()
        };
        assert!(agree(TaskError { retry_after_ms: Some(5), ..alone.clone() }));
        for other in [
            TaskError { code: "even".to_owned(), ..alone.clone() },
            TaskError { message: "it is even".to_owned(), ..alone.clone() },
            TaskError { raw_message: Some("even".to_owned()), ..alone.clone() },
            TaskError { http_status: Some(409), ..alone.clone() },
            TaskError { may_have_started: true, ..alone.clone() },
        ] {
            assert!(!agree(other.clone()), "{other:?}");
        }
    }

    #[test]
    fn of_a_run_that_goes_on_the_report_is_to_agree() {
        let going_on = |run: &str, message: &str| {
            let report = Report { message: message.to_owned(), ..report() };
            let running = Running { run: run.to_owned(), poll_after_ms: 7, report };
            Ok(Answered::Progress(Progress::Running(running)))
        };
        assert_eq!(of(vec![going_on("r2", "so it stands")], &[Some(&running())]), None);
        assert!(of(vec![going_on("r1", "it stands otherwise")], &[Some(&running())]).is_some());
    }

    #[test]
    fn a_poll_whose_message_is_another_each_time_agrees_in_the_rest() {
        let failed_saying = |message: &str| -> Outcome {
            let report = Report { message: message.to_owned(), ..report() };
            Ok(Answered::Progress(Progress::Finished(Finished { verdict: Verdict::Failed, report })))
        };
        let like = |together: Outcome, likeness| {
            of_results(&Ok(vec![together]), &[Some(&failed_saying("10 s ago"))], likeness).is_none()
        };
        assert!(!like(failed_saying("11 s ago"), Likeness::Whole));
        assert!(like(failed_saying("11 s ago"), Likeness::Summary));
        assert!(!like(finished(Verdict::Succeeded), Likeness::Summary));
    }

    #[test]
    fn a_damaged_run_is_refused_as_such() {
        let named = |message: &str| {
            CallError::Task(TaskError { message: message.to_owned(), ..task_error(ErrorKind::InvalidInput) })
        };
        assert_eq!(of(vec![Err(named("run is damaged")), running()], &[None, Some(&running())]), None);
        let flaw = of(vec![running(), running()], &[None, Some(&running())]);
        let expected = "run 1 of 2: it is damaged; expected the error invalid_input, found running (so it stands)";
        assert_eq!(flaw.as_deref(), Some(expected));
    }

    #[test]
    fn a_call_without_results_agrees_with_nothing() {
        let reason = "it answers 1 results for 2 runs".to_owned();
        let broken = Err(CallError::BrokenContract { function: Function::PollMany, reason });
        let flaw = of_results(&broken, &[Some(&running()), Some(&running())], Likeness::Summary);
        let expected = "the plugin's poll-many broke the contract: it answers 1 results for 2 runs";
        assert_eq!(flaw.as_deref(), Some(expected));
    }

    #[test]
    fn no_more_is_sent_than_by_the_polls_and_nothing_that_changes() {
        let seen = |method: &str, at| RecordedRequest {
            method: method.to_owned(),
            target: "/jobs/7".to_owned(),
            at,
            ..RecordedRequest::default()
        };
        let script: [Exchange; 1] = [toml::from_str("request = 'GET /jobs/7'").unwrap()];
        assert_eq!(of_requests_together(&script, &[seen("GET", Some(0))]), None);
        for (seen, flaw) in [
            (seen("GET", None), "it sent GET /jobs/7, which the polls of its runs would not send"),
            (seen("POST", None), "it sent POST /jobs/7, which may change something"),
        ] {
            assert_eq!(of_requests_together(&script, &[seen]).as_deref(), Some(flaw));
        }
    }
}
