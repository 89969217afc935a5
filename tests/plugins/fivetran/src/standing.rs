//! The state of a run's sync.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use plugin_guest::contract::Verdict;
use plugin_guest::report::one_line;
use plugin_guest::sent::{Attribution, outcome_unknown};

use crate::connection::Connection;
use crate::moment::Moment;
use crate::run::Run;
use crate::seen::Seen;
use crate::sync::{Outcome, Sync};

/// The state of a sync, and its description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on.
    Running(String),
    /// It has ended; with the time, if known.
    Ended(Verdict, String, Option<Moment>),
}

impl Standing {
    /// The state of the sync of `run`, by its connection and by its `sync` in the history.
    pub fn of(run: &Run, connection: &Connection, sync: Option<&Sync>) -> Self {
        use Outcome::{Canceled, Completed, Failure, Incomplete, Paused, Rescheduled};
        let foreign = |sync: &&Sync| {
            run.sent.as_ref().is_some_and(|sent| sent.attribution(sync.began.second()) != Attribution::Ours)
        };
        if let Some(Sync { began, .. }) = sync.filter(foreign) {
            let event = outcome_unknown("a sync", format!("a sync began at {began}"));
            return Self::Ended(Verdict::Unknown, event, None);
        }
        let Some(Sync { ended: Some((at, outcome)), reason, .. }) = sync else {
            return Self::by_times(run, connection, sync);
        };
        let because = |event: &str| match reason {
            Some(reason) => format!("{event}: {}", one_line(reason)),
            None => event.to_owned(),
        };
        let (verdict, event) = match outcome {
            Completed => (Verdict::Succeeded, "the sync succeeded".to_owned()),
            Failure if reason.is_none() => (Verdict::Failed, connection.with_tasks("the sync failed")),
            Failure => (Verdict::Failed, because("the sync failed")),
            Canceled => (Verdict::Cancelled, because("the sync was cancelled")),
            Paused => (Verdict::Cancelled, because("the connection was paused before the sync ended")),
            Incomplete => {
                (Verdict::Unknown, because("fivetran calls the sync incomplete and does not say what that is"))
            }
            Rescheduled if connection.manual => return Self::put_off(connection),
            Rescheduled => return Self::by_times(run, connection, sync),
        };
        Self::Ended(verdict, event, Some(*at))
    }

    /// The state by the traces of syncs, which tell later syncs from earlier ones, but not from each other.
    ///
    /// While a sync runs nothing has ended: a trace that moved may be of a sync that was ending when ours was started.
    fn by_times(run: &Run, connection: &Connection, sync: Option<&Sync>) -> Self {
        let moved = run.moved(&connection.traces);
        let put_off = sync.is_some_and(|sync| sync.ended.is_some());
        if connection.is_syncing() {
            return Self::Running("the sync is running".to_owned());
        }
        if run.seen == Seen::Another {
            let hidden = "the sync left no trace when it stopped, and another has run since: how it ended is not known";
            return match sync {
                None => Self::Ended(Verdict::Unknown, hidden.to_owned(), None),
                Some(_) => Self::Running("the sync goes on by its history".to_owned()),
            };
        }
        // A trace from before its start is of an earlier one.
        let since = |at: &Moment| sync.is_none_or(|sync| *at >= sync.began);
        match (moved.succeeded_at.filter(since), moved.failed_at.filter(since)) {
            (Some(succeeded_at), Some(failed_at)) => {
                let event = format!(
                    "a sync failed at {failed_at} and one succeeded at {succeeded_at}: which of them it was is not known"
                );
                return Self::Ended(Verdict::Unknown, event, None);
            }
            (at @ Some(_), None) => return Self::Ended(Verdict::Succeeded, "the sync succeeded".to_owned(), at),
            (None, at @ Some(_)) => return Self::Ended(Verdict::Failed, connection.with_tasks("the sync failed"), at),
            (None, None) => {}
        }
        if sync.is_some() && !put_off {
            Self::Running("the sync is running".to_owned())
        } else if let Some(problem) = connection.setup_problem().filter(|_| !run.unready) {
            Self::Ended(Verdict::Failed, problem, None)
        } else if connection.is_paused() {
            Self::Ended(Verdict::Cancelled, "the connection was paused before the sync ended".to_owned(), None)
        } else if put_off || moved.rescheduled_for.is_some() {
            Self::put_off(connection)
        } else if run.seen != Seen::Nothing {
            Self::Running("the sync runs no more; fivetran does not show yet how it ended".to_owned())
        } else {
            Self::Running("the sync was triggered; fivetran does not show yet that it runs".to_owned())
        }
    }

    fn put_off(connection: &Connection) -> Self {
        let until = connection.traces.rescheduled_for.map(|until| format!(" until {until}")).unwrap_or_default();
        let event = format!("fivetran put the sync off{until}");
        if connection.manual {
            let never = "and with a manual schedule it does not go on by itself: run the task again then";
            Self::Ended(Verdict::Cancelled, format!("{event}, {never}"), None)
        } else {
            Self::Running(format!("{event} and goes on by itself then"))
        }
    }
}
