//! What was asked of an account, and what it allows: kept, so that processes share it and a restart does not forget it.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::Head;
use crate::Uptime;

/// How far the time of day and the machine's uptime may part, in milliseconds, before the time of day counts as set.
const SLACK: i64 = 1000;

/// At most `requests` within any stretch of `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The greatest number of requests in a window.
    pub requests: u32,
    /// The length of the window.
    pub window: Duration,
}

/// Requests that are reserved. What is not released counts as spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation(pub(super) i64);

/// What came of asking for a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It is granted.
    Now(Reservation),
    /// Nothing is granted before then.
    WaitUntil(Timestamp),
    /// Others came first.
    Behind {
        /// The first of them.
        head: Head,
        /// How many they are.
        ahead: usize,
    },
}

/// Reserves `requests` of the account where they fit into the window that ends now.
///
/// Where the clock was set since a request, its age is told by the machine's uptime. Where that cannot tell, a request that
/// seems to be made later than now counts from now.
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
    // When so much of what was spent has left the window that the rest and these fit.
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

/// Puts what was spent in the place of a reservation.
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
