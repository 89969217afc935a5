//! Opening a store: creates it, migrates it, or refuses it and leaves it untouched.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{RunLock, StoreError, ownership};
use crate::store::records::PipelineRunId;

/// The migrations, each from the version before; the first starts from an empty file.
const MIGRATIONS: [&str; 6] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
];

/// The `application_id` of our databases: `hhrn`.
const APPLICATION_ID: i64 = 0x6868_726e;

/// The suffixes of the files that `SQLite` keeps beside a store: the log and its index, or the rollback journal.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The most symbolic links that may lead to a store, as on Linux.
const MOST_LINKS: u32 = 40;

/// The busy timeout: the wait for another process's change.
const BUSY: Duration = Duration::from_secs(1);

/// Opens a store to write it, and proves that it can be written.
pub(super) fn to_write(path: &Path) -> Result<Connection, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    make(path)?;
    check(path)?;
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    // A file that is not ours, or of a later version, keeps the log that another program left.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    version(&connection, path)?;
    // Only now, since a file that is none of ours keeps its mode.
    claim(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have migrated it meanwhile.
    let found = version(&change, path)?;
    // A process of the previous version would no longer understand the store that it writes to.
    let _locks = if (1..known()).contains(&found) { locks(&change, path)? } else { Vec::new() };
    migrate(&change, found).map_err(failed)?;
    change
        .execute("INSERT INTO secrets SELECT randomblob(32) WHERE NOT EXISTS (SELECT 1 FROM secrets)", [])
        .map_err(failed)?;
    change.commit().map_err(failed)?;
    Ok(connection)
}

/// Opens an existing store to read it. An old one is migrated first.
pub(super) fn to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let unusable = |error: rusqlite::Error| StoreError::Unusable { path: path.to_owned(), reason: error.to_string() };
    check(path)?;
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unusable)?;
    let found = match version(&connection, path) {
        // On a read-only file system nobody writes, and SQLite cannot make the files that it keeps beside a store.
        Err(StoreError::ReadOnly { .. }) if !has_log(path) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            connection = Connection::open_with_flags(immutable(path), flags).map_err(unusable)?;
            version(&connection, path)?
        }
        found => found?,
    };
    match claim(path) {
        // The mode cannot be changed, as on a read-only file system: nothing more is written or disclosed.
        Ok(()) | Err(StoreError::OpenToOthers { .. }) => {}
        Err(error) => return Err(error),
    }
    match found {
        0 => Err(StoreError::Missing { path: path.to_owned() }),
        found if found < known() => match to_write(path) {
            Ok(_) => Ok(connection),
            Err(StoreError::ReadOnly { .. } | StoreError::OpenToOthers { .. }) => {
                in_memory(&connection, found).map_err(unusable)
            }
            Err(error) => Err(error),
        },
        _ => Ok(connection),
    }
}

/// A migrated copy in memory of an old store that cannot be written.
fn in_memory(old: &Connection, found: i64) -> rusqlite::Result<Connection> {
    let mut new = Connection::open_in_memory()?;
    Backup::new(old, &mut new)?.step(-1)?;
    migrate(&new, found)?;
    Ok(new)
}

/// Refuses a store that is another user's, or beside which another user's files lie. Changes nothing.
fn check(path: &Path) -> Result<(), StoreError> {
    all_of(path, ownership::check)
}

/// Makes the store its owner's alone, and the files beside it: `SQLite` gives a new log the store's mode, but an
/// existing log keeps its own.
fn claim(path: &Path) -> Result<(), StoreError> {
    all_of(path, ownership::claim)
}

fn all_of(path: &Path, treat: fn(&Path) -> Result<(), StoreError>) -> Result<(), StoreError> {
    treat(path)?;
    for kept in BESIDE.map(|end| beside(path, end)) {
        match treat(&kept) {
            // Another process closed the store, which removed it.
            Err(_) if !kept.exists() => {}
            treated => treated?,
        }
    }
    Ok(())
}

/// True if the log beside the store holds changes that are not in it yet.
fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// The path of a file beside the store, by the name that a link leads to.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    beside.push(end);
    beside.into()
}

/// The URI of a store that nobody writes (<https://sqlite.org/uri.html>).
fn immutable(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?immutable=1")
}

/// Creates a missing file, accessible to its owner alone, because tools' messages may be confidential. Where a symbolic
/// link leads to no file, it is created there.
fn make(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match options.open(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::read_link(&target) {
                Ok(link) => target = target.parent().unwrap_or(Path::new("")).join(link),
                Err(_) => return Ok(()),
            },
            Ok(_) => return Ok(()),
            Err(error) => return Err(not_made(path, &error)),
        }
    }
    Err(StoreError::ReadOnly { path: path.to_owned() })
}

/// The error of a file that could not be created.
fn not_made(path: &Path, error: &io::Error) -> StoreError {
    let path = path.to_owned();
    if error.kind() == io::ErrorKind::StorageFull { StoreError::Full { path } } else { StoreError::ReadOnly { path } }
}

/// Takes the locks of all runs that have not ended.
fn locks(connection: &Connection, path: &Path) -> Result<Vec<RunLock>, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let mut query = connection.prepare("SELECT id FROM pipeline_runs WHERE ended_at IS NULL").map_err(failed)?;
    let ids: Result<Vec<_>, _> = query.query_map([], |row| row.get(0).map(PipelineRunId)).map_err(failed)?.collect();
    ids.map_err(failed)?.into_iter().map(|id| RunLock::take(path, id)).collect()
}

/// The version of the store; 0 for an empty file. An error for a file that must not be touched.
fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let (application, found, known) = (pragma("application_id")?, pragma("user_version")?, known());
    match (application, tables) {
        (APPLICATION_ID, _) if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        (APPLICATION_ID, _) | (0, 0) => Ok(found),
        _ => Err(StoreError::NotOurs { path: path.to_owned() }),
    }
}

/// Migrates the store from the version found to the latest.
fn migrate(connection: &Connection, found: i64) -> rusqlite::Result<()> {
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        connection.execute_batch(migration)?;
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", known())
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Sets the connection up: commits are on the disk, and readers do not block a writer.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path in an empty folder.
    fn path(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("host-harness-open-{}-{test}", std::process::id()));
        _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder.join("runs.db")
    }

    #[cfg(unix)]
    #[test]
    fn a_new_store_is_its_owners_alone_before_sqlite_has_opened_it() {
        let path = path("made");
        let link = path.with_file_name("link.db");
        std::os::unix::fs::symlink("runs.db", &link).unwrap();
        make(&link).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&path, "kept").unwrap();
        make(&link).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kept");
    }

    #[test]
    fn a_store_that_cannot_be_made_says_why() {
        let path = path("not-made").join("no/folder");
        assert!(matches!(make(&path), Err(StoreError::ReadOnly { .. })));
        for (kind, is_full) in [(io::ErrorKind::StorageFull, true), (io::ErrorKind::PermissionDenied, false)] {
            assert_eq!(matches!(not_made(&path, &kind.into()), StoreError::Full { .. }), is_full, "{kind}");
        }
    }
}
