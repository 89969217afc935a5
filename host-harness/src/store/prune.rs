//! Pruning: deletes runs that ended long ago, so that a store does not grow for ever.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{Outcome, PipelineRunId, RunLock, StoreError, lock};

/// The rows of a run to delete, referring rows first.
const ROWS: [&str; 8] = [
    "DELETE FROM steps WHERE attempt IN (SELECT id FROM attempts WHERE task_run IN \
     (SELECT id FROM task_runs WHERE pipeline_run = ?1))",
    "DELETE FROM metadata WHERE attempt IN (SELECT id FROM attempts WHERE task_run IN \
     (SELECT id FROM task_runs WHERE pipeline_run = ?1))",
    "DELETE FROM links WHERE attempt IN (SELECT id FROM attempts WHERE task_run IN \
     (SELECT id FROM task_runs WHERE pipeline_run = ?1))",
    "DELETE FROM settles WHERE attempt IN (SELECT id FROM attempts WHERE task_run IN \
     (SELECT id FROM task_runs WHERE pipeline_run = ?1))",
    "DELETE FROM attempts WHERE task_run IN (SELECT id FROM task_runs WHERE pipeline_run = ?1)",
    "DELETE FROM transitions WHERE task_run IN (SELECT id FROM task_runs WHERE pipeline_run = ?1)",
    "DELETE FROM task_runs WHERE pipeline_run = ?1",
    "DELETE FROM pipeline_runs WHERE id = ?1",
];

/// The store is shrunk if at least one page in this many is free: fewer are soon used by other runs.
const WORTH_IT: i64 = 4;

/// The result of pruning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The runs that were deleted, or would be; oldest first.
    pub runs: Vec<PipelineRunId>,
    /// The runs that stay because another process holds them.
    pub held: Vec<PipelineRunId>,
}

/// Deletes the runs that ended before a time, in a transaction. A rehearsal only lists them.
pub(super) fn prune(
    connection: &mut Connection,
    path: &Path,
    before: Timestamp,
    rehearse: bool,
) -> Result<Pruned, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let mut pruned = Pruned::default();
    for id in ended(&change, before).map_err(failed)? {
        // A run that has ended is never begun again, so it suffices that nobody holds it now.
        match RunLock::take(path, id) {
            Ok(_) => pruned.runs.push(id),
            Err(StoreError::Held { .. }) => pruned.held.push(id),
            Err(error) => return Err(error),
        }
    }
    if rehearse || pruned.runs.is_empty() {
        return Ok(pruned);
    }
    // A number is never used again.
    let last = "UPDATE pruned SET last_run = max(last_run, (SELECT max(id) FROM pipeline_runs))";
    change.execute(last, []).map_err(failed)?;
    for id in &pruned.runs {
        for rows in ROWS {
            change.execute(rows, [id.0]).map_err(failed)?;
        }
    }
    change.commit().map_err(failed)?;
    for id in &pruned.runs {
        lock::remove(path, *id);
    }
    // The runs are deleted. If another process uses the store or the disk is full, their pages are left for later runs.
    _ = shrink(connection);
    Ok(pruned)
}

/// The runs that ended before a time, with all their tasks; oldest first. A state that is not understood is not an end.
fn ended(change: &Transaction<'_>, before: Timestamp) -> rusqlite::Result<Vec<PipelineRunId>> {
    let ends = serde_json::Value::from_iter(Outcome::ALL.map(Outcome::as_str)).to_string();
    let mut query = change.prepare(
        "SELECT id FROM pipeline_runs WHERE ended_at < ?1 AND NOT EXISTS (SELECT 1 FROM task_runs \
         WHERE pipeline_run = pipeline_runs.id AND state NOT IN (SELECT value FROM json_each(?2))) ORDER BY id",
    )?;
    query.query_map(params![before.as_millisecond(), ends], |row| row.get(0).map(PipelineRunId))?.collect()
}

/// Gives free pages back to the disk, by writing the store anew. `auto_vacuum` would do it page by page, but costs
/// every write, and an existing store would have to be written anew for it too.
fn shrink(connection: &Connection) -> rusqlite::Result<()> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if pragma("freelist_count")?.saturating_mul(WORTH_IT) < pragma("page_count")? {
        return Ok(());
    }
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_shrunk_once_a_quarter_of_its_pages_is_free() {
        let store = Connection::open_in_memory().unwrap();
        let pages = || {
            ["page_count", "freelist_count"]
                .map(|name| store.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap())
        };
        store.execute_batch("CREATE TABLE pages (id INTEGER PRIMARY KEY, bytes BLOB)").unwrap();
        while pages()[0] < 20 {
            store.execute("INSERT INTO pages (bytes) VALUES (zeroblob(3000))", []).unwrap();
        }
        for expected in [[20, 1], [20, 2], [20, 3], [20, 4], [15, 0]] {
            store.execute("DELETE FROM pages WHERE id = (SELECT min(id) FROM pages)", []).unwrap();
            shrink(&store).unwrap();
            assert_eq!(pages(), expected);
        }
    }
}
