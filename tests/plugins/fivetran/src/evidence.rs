//! Evidence in a connection and its history of a trigger whose answer was lost.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use plugin_guest::sent::{Attribution, Sent};

use crate::connection::{Connection, Traces};
use crate::history::History;
use crate::moment::Moment;

/// The evidence, and its attribution to the trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// There is no sign of a sync since.
    Nothing,
    /// A sync that began before the trigger is running: the trigger started none.
    InTheWay,
    /// A sync waits to begin: it may be the trigger's.
    Waiting(String),
    /// There is a sign of a sync that may or may not be the trigger's.
    Doubtful(String),
    /// A sync is the trigger's, unless Fivetran's own schedule started it.
    Fitting(String),
}

/// The greatest age of a call, in milliseconds, to which a sync without a known start is attributed.
const LASTS_MS: u64 = 3_600_000;

impl Evidence {
    /// The evidence of the calls sent then, the first of which has this age. `history` starts with the first;
    /// `sync_unready` says whether they were made even if the connection was not set up. The first line that holds
    /// counts.
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
            // With `sync_unready`, a history without a sync shows that none caused the problem.
            connection.setup_problem().filter(|_| !(sync_unready && history.is_shown)).map(Self::Doubtful),
            connection.is_paused().then(|| Self::Doubtful("the connection is paused".to_owned())),
            rescheduled_for
                .map(|until| fitting(recent && !connection.manual, format!("fivetran put a sync off until {until}"))),
        ];
        lines.into_iter().flatten().next().unwrap_or(Self::Nothing)
    }
}

/// The traces of syncs that ended before the trigger was sent.
pub fn before(sent: &Sent, connection: &Connection) -> Traces {
    let Traces { succeeded_at, failed_at, .. } = connection.traces;
    let is_before = |moment: &Moment| !sent.precedes(moment.second());
    Traces {
        succeeded_at: succeeded_at.filter(is_before),
        failed_at: failed_at.filter(is_before),
        rescheduled_for: None,
    }
}
