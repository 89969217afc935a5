//! The queue of an account: requests that wait, of all processes, first come, first served.

use rusqlite::{OptionalExtension, Transaction, params};

/// The first ticket of a queue. It changes while its process is alive and waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    ticket: i64,
    owner: i64,
    beat: i64,
}

#[cfg(test)]
impl Head {
    pub(crate) fn of(ticket: i64, owner: i64, beat: i64) -> Self {
        Self { ticket, owner, beat }
    }
}

/// A request in the queue.
///
/// A process serves its own requests in order, so tickets belong to processes, not to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The process, by a unique number.
    pub owner: i64,
    /// True if it has taken a ticket before.
    pub has_ticket: bool,
}

/// The first ticket, if not the owner's, and how many tickets of others are before the owner's first.
pub(super) fn before(change: &Transaction<'_>, account: &str, owner: i64) -> rusqlite::Result<Option<(Head, usize)>> {
    let first = "SELECT id, owner, beat FROM tickets WHERE account = ?1 ORDER BY id LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok(Head { ticket: row.get(0)?, owner: row.get(1)?, beat: row.get(2)? });
    let head = change.query_row(first, [account], read).optional()?;
    let Some(head) = head.filter(|head| head.owner != owner) else { return Ok(None) };
    let ahead: i64 = change.query_row(
        "SELECT count(*) FROM tickets WHERE account = ?1 AND owner <> ?2 AND id < \
         coalesce((SELECT min(id) FROM tickets WHERE account = ?1 AND owner = ?2), 9223372036854775807)",
        params![account, owner],
        |row| row.get(0),
    )?;
    Ok(Some((head, usize::try_from(ahead).unwrap_or_default())))
}

/// Takes a ticket at the end of the queue.
pub(super) fn enter(change: &Transaction<'_>, account: &str, owner: i64) -> rusqlite::Result<()> {
    change.execute("INSERT INTO tickets (account, owner) VALUES (?1, ?2)", params![account, owner]).map(drop)
}

/// Takes a ticket if the owner has none: its first, or a new one after it was passed over.
pub(super) fn stay(change: &Transaction<'_>, account: &str, owner: i64) -> rusqlite::Result<()> {
    let has_ticket = "SELECT EXISTS (SELECT 1 FROM tickets WHERE account = ?1 AND owner = ?2)";
    let has_ticket: bool = change.query_row(has_ticket, params![account, owner], |row| row.get(0))?;
    if has_ticket { Ok(()) } else { enter(change, account, owner) }
}

/// Heartbeat: shows those behind the owner, if any, that it is alive.
pub(super) fn beat(change: &Transaction<'_>, account: &str, owner: i64) -> rusqlite::Result<()> {
    change
        .execute(
            "UPDATE tickets SET beat = beat + 1 \
             WHERE id = (SELECT min(id) FROM tickets WHERE account = ?1 AND owner = ?2) \
             AND EXISTS (SELECT 1 FROM tickets WHERE account = ?1 AND owner <> ?2)",
            params![account, owner],
        )
        .map(drop)
}

/// Hands in the owner's first ticket, because its turn has come.
pub(super) fn hand_in(change: &Transaction<'_>, account: &str, owner: i64) -> rusqlite::Result<()> {
    let first = "DELETE FROM tickets WHERE id = (SELECT min(id) FROM tickets WHERE account = ?1 AND owner = ?2)";
    change.execute(first, params![account, owner]).map(drop)
}

/// Gives up the owner's last ticket, because one of its requests no longer waits.
pub(super) fn leave(change: &Transaction<'_>, account: &str, owner: i64) -> rusqlite::Result<()> {
    let last = "DELETE FROM tickets WHERE id = (SELECT max(id) FROM tickets WHERE account = ?1 AND owner = ?2)";
    change.execute(last, params![account, owner]).map(drop)
}

/// Takes all tickets from the first ticket's owner, unless it has shown since that it is alive.
pub(super) fn pass_over(change: &Transaction<'_>, account: &str, head: Head) -> rusqlite::Result<()> {
    let same = "SELECT EXISTS (SELECT 1 FROM tickets WHERE id = ?1 AND account = ?2 AND owner = ?3 AND beat = ?4)";
    let Head { ticket, owner, beat } = head;
    if change.query_row(same, params![ticket, account, owner, beat], |row| row.get(0))? {
        change.execute("DELETE FROM tickets WHERE account = ?1 AND owner = ?2", params![account, owner])?;
    }
    Ok(())
}
