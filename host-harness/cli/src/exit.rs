//! Exit codes.

use std::process::ExitCode;

use host_harness::contract::{ErrorKind, Progress, Verdict};
use host_harness::{CallError, WatchEnd};

/// The exit codes, the same for all commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// The run succeeded or was skipped; or the command did what it was asked.
    Succeeded = 0,
    /// The run failed or was cancelled; or a check found a problem.
    JobFailed = 1,
    /// The usage or the input is wrong.
    Usage = 2,
    /// A call of the plugin failed, or it could not be loaded.
    CallFailed = 3,
    /// Timed out waiting; the run goes on.
    TimedOut = 4,
    /// The verdict is unknown.
    VerdictUnknown = 5,
    /// Interrupted, by any signal.
    Interrupted = 130,
}

impl Exit {
    pub(crate) fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Succeeded | Verdict::Skipped => Self::Succeeded,
            Verdict::Failed | Verdict::Cancelled => Self::JobFailed,
            Verdict::Unknown => Self::VerdictUnknown,
        }
    }

    /// The exit code of a single call, where a run that goes on is a success.
    pub(crate) fn of_progress(progress: &Progress) -> Self {
        match progress {
            Progress::Running(_) => Self::Succeeded,
            Progress::Finished(finished) => Self::of_verdict(finished.verdict),
        }
    }

    pub(crate) fn of_error(error: &CallError) -> Self {
        match error.task_error() {
            Some(error) if error.kind == ErrorKind::InvalidInput => Self::Usage,
            _ => Self::CallFailed,
        }
    }

    pub(crate) fn of_end(end: &WatchEnd) -> Self {
        match end {
            WatchEnd::Finished(finished) => Self::of_verdict(finished.verdict),
            WatchEnd::Failed(error) => Self::of_error(error),
            WatchEnd::TimedOut { .. } => Self::TimedOut,
            _ => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verdict_has_its_exit_code() {
        let code = |verdict| Exit::of_verdict(verdict) as u8;
        assert_eq!(
            [
                code(Verdict::Succeeded),
                code(Verdict::Skipped),
                code(Verdict::Failed),
                code(Verdict::Cancelled),
                code(Verdict::Unknown)
            ],
            [0, 0, 1, 1, 5]
        );
    }
}
