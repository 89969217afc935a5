//! What a connection and its history show of a trigger whose answer nobody has.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use plugin_guest::sent::{Attribution, Sent};

use crate::connection::{Connection, Traces};
use crate::history::History;
use crate::moment::Moment;

/// What is seen, and whether it can be of the trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// No sync is seen to have been started since.
    Nothing,
    /// A sync goes on that began before the trigger was sent: none of the trigger was started.
    InTheWay,
    /// A sync is seen that has not begun: it may be of the trigger.
    Waiting(String),
    /// Something is seen of which nobody can tell whether it is of the trigger.
    Doubtful(String),
    /// A sync is seen that is of the trigger, unless Fivetran's own schedule started it.
    Fitting(String),
}

/// How old a call may be for a sync to be of it of which nobody tells when it began, in milliseconds.
const LASTS_MS: u64 = 3_600_000;

impl Evidence {
    /// What is seen of calls that were about to be made then, the first of which is so old. `history` is that since the first;
    /// `sync_unready` says whether they were made even where the connection is not set up. The first line that holds is what counts.
    pub fn of(sent: &Sent, age_ms: u64, connection: &Connection, history: &History, sync_unready: bool) -> Self {
        let attribution = |moment: Moment| sent.attribution(moment.second());
        let Traces { succeeded_at, failed_at, rescheduled_for } = connection.traces;
        let ends = || [succeeded_at, failed_at].into_iter().flatten();
        let recent = age_ms <= LASTS_MS;
        let running = connection.is_syncing();
        let began = history.first.as_ref().map(|sync| sync.began);
        let is_since = |moment: &Moment| sent.precedes(moment.second());
        let ended_since = ends().find(is_since);
        let ended = ends().filter(|at| attribution(*at) != Attribution::Older).min();
        let before = history.before.filter(|(_, end)| end.as_ref().is_none_or(is_since));
        let fitting = |fits, seen| if fits { Self::Fitting(seen) } else { Self::Doubtful(seen) };
        let lines = [
            began.map(|at| fitting(attribution(at) == Attribution::Ours, format!("a sync began at {at}"))),
            history.waits.then(|| Self::Waiting("a sync waits for its beginning".to_owned())),
            before.map(|(at, end)| {
                let was_running = format!("a sync that began at {at} was running when it was triggered");
                if running && end.is_none() { Self::InTheWay } else { Self::Doubtful(was_running) }
            }),
            ended_since
                .filter(|_| running)
                .map(|at| Self::Doubtful(format!("a sync ended at {at} and one is running"))),
            running.then(|| fitting(recent, "a sync is running".to_owned())),
            ended.map(|at| fitting(recent && is_since(&at), format!("a sync ended at {at}"))),
            // Where it is to be synced as it is, a history without a sync tells that none has brought it there.
            connection.setup_problem().filter(|_| !(sync_unready && history.is_shown)).map(Self::Doubtful),
            connection.is_paused().then(|| Self::Doubtful("the connection is paused".to_owned())),
            rescheduled_for
                .map(|until| fitting(recent && !connection.manual, format!("fivetran put a sync off until {until}"))),
        ];
        lines.into_iter().flatten().next().unwrap_or(Self::Nothing)
    }
}

/// What syncs had left behind that ended before the trigger was sent.
pub fn before(sent: &Sent, connection: &Connection) -> Traces {
    let Traces { succeeded_at, failed_at, .. } = connection.traces;
    let is_before = |moment: &Moment| !sent.precedes(moment.second());
    Traces {
        succeeded_at: succeeded_at.filter(is_before),
        failed_at: failed_at.filter(is_before),
        rescheduled_for: None,
    }
}
