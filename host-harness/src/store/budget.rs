//! An account's rate limit and the requests made: stored, so that processes share them and a restart keeps them.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::Head;
use crate::Uptime;

/// The difference between time of day and uptime, in milliseconds, above which the clock counts as set.
const SLACK: i64 = 1000;

/// A rate limit: at most `requests` in any interval of length `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most requests in a window.
    pub requests: u32,
    /// The length of the window.
    pub window: Duration,
}

/// Reserved requests. Those that are not released count as made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation(pub(super) i64);

/// The result of asking for a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Granted.
    Now(Reservation),
    /// Nothing is granted before this time.
    WaitUntil(Timestamp),
    /// Others came first.
    Behind {
        /// The first of their tickets.
        head: Head,
        /// The number of their tickets.
        ahead: usize,
    },
}

/// Reserves `requests` of the account if they fit into the window that ends now.
///
/// If the clock was set since a request, the machine's uptime tells the request's age. If there is no uptime to tell
/// it, a request that seems to be later than now counts from now.
pub(super) fn reserve(
    change: &Transaction<'_>,
    account: &str,
    requests: u32,
    budget: Budget,
    now: i64,
    uptime: Option<&Uptime>,
) -> rusqlite::Result<Result<i64, i64>> {
    let window = i64::try_from(budget.window.as_millis()).unwrap_or(i64::MAX);
    if let Some(uptime) = uptime {
        change.execute(
            "UPDATE spending SET at = ?2 - (?4 - boot_ms) \
             WHERE account = ?1 AND boot = ?3 AND abs(?2 - (?4 - boot_ms) - at) > ?5",
            params![account, now, uptime.boot, milliseconds(uptime), SLACK],
        )?;
    }
    change.execute("UPDATE spending SET at = ?2 WHERE account = ?1 AND at > ?2", params![account, now])?;
    change.execute(
        "DELETE FROM spending WHERE account = ?1 AND at <= ?2",
        params![account, now.saturating_sub(window)],
    )?;
    // The time at which enough requests have left the window.
    let most = i64::from(budget.requests.saturating_sub(requests.min(budget.requests)));
    let free_at: Option<i64> = change
        .query_row(
            "SELECT at FROM (SELECT at, sum(requests) OVER (ORDER BY at DESC, id DESC) AS spent FROM spending \
             WHERE account = ?1) WHERE spent > ?2 ORDER BY at DESC LIMIT 1",
            params![account, most],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(at) = free_at {
        return Ok(Err(at.saturating_add(window)));
    }
    spend(change, account, requests, now, uptime)?;
    Ok(Ok(change.last_insert_rowid()))
}

pub(super) fn spend(
    change: &Transaction<'_>,
    account: &str,
    requests: u32,
    now: i64,
    uptime: Option<&Uptime>,
) -> rusqlite::Result<()> {
    change
        .execute(
            "INSERT INTO spending (account, at, requests, boot, boot_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![account, now, requests, uptime.map(|uptime| &uptime.boot), uptime.map(milliseconds)],
        )
        .map(drop)
}

/// Replaces a reservation by the requests that were made.
pub(super) fn release(
    change: &Transaction<'_>,
    reservation: i64,
    spent: u32,
    now: i64,
    uptime: Option<&Uptime>,
) -> rusqlite::Result<()> {
    change
        .execute(
            "UPDATE spending SET requests = ?2, at = ?3, boot = ?4, boot_ms = ?5 WHERE id = ?1",
            params![reservation, spent, now, uptime.map(|uptime| &uptime.boot), uptime.map(milliseconds)],
        )
        .map(drop)
}

fn milliseconds(uptime: &Uptime) -> i64 {
    i64::try_from(uptime.since.as_millis()).unwrap_or(i64::MAX)
}
