//! What a connection and its history show of a trigger whose answer nobody has.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use plugin_guest::sent::{Sent, Whose};

use crate::connection::{Connection, Traces};
use crate::moment::Moment;
use crate::sync::Sync;

/// What is seen, and whether it can be of the trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// No sync is seen to have been started since.
    Nothing,
    /// Something is seen of which nobody can tell whether it is of the trigger.
    Doubtful(String),
    /// A sync is seen that is of the trigger, unless Fivetran's own schedule started it.
    Fitting(String),
}

/// How old a trigger may be for a sync to be of it of which nobody tells when it began, in milliseconds.
const LASTS_MS: u64 = 3_600_000;

impl Evidence {
    /// What is seen of a trigger that was about to be sent then and is so old. `sync` is the first of the history since. The
    /// first line that holds is what counts.
    pub fn of(sent: Sent, age_ms: u64, connection: &Connection, sync: Option<&Sync>) -> Self {
        let whose = |moment: Moment| sent.whose(moment.second());
        let Traces { succeeded_at, failed_at, rescheduled_for } = connection.traces;
        let ends = || [succeeded_at, failed_at].into_iter().flatten();
        let recent = age_ms <= LASTS_MS;
        let running = connection.is_syncing();
        let began = sync.map(|sync| sync.began);
        let ended_since = ends().filter(|at| matches!(whose(*at), Whose::Ours | Whose::Later)).min();
        let ended = ends().filter(|at| whose(*at) != Whose::Older).min();
        let lines = [
            began.map(|at| (format!("a sync began at {at}"), whose(at) == Whose::Ours)),
            ended_since.filter(|_| running).map(|at| (format!("a sync ended at {at} and one is running"), false)),
            running.then(|| ("a sync is running".to_owned(), recent)),
            ended.map(|at| (format!("a sync ended at {at}"), recent && whose(at) != Whose::Unclear)),
            connection.setup_problem().map(|problem| (problem, false)),
            connection.is_paused().then(|| ("the connection is paused".to_owned(), false)),
            rescheduled_for
                .map(|until| (format!("fivetran put a sync off until {until}"), recent && !connection.manual)),
        ];
        match lines.into_iter().flatten().next() {
            None => Self::Nothing,
            Some((seen, false)) => Self::Doubtful(seen),
            Some((seen, true)) => Self::Fitting(seen),
        }
    }
}

/// What syncs had left behind that ended before the trigger was sent.
pub fn before(sent: Sent, connection: &Connection) -> Traces {
    let Traces { succeeded_at, failed_at, .. } = connection.traces;
    let is_before = |moment: &Moment| matches!(sent.whose(moment.second()), Whose::Older | Whose::Unclear);
    Traces {
        succeeded_at: succeeded_at.filter(is_before),
        failed_at: failed_at.filter(is_before),
        rescheduled_for: None,
    }
}
