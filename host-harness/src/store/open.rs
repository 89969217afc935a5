//! How a store is opened: made, brought up to date, or refused and not touched.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::kept::PipelineRunId;
use super::{RunLock, StoreError, ownership};

/// What makes a store of each version out of one of the version before, the first out of an empty file.
const MIGRATIONS: [&str; 6] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
];

/// What a database of `SQLite` says that it is, where it is ours: `hhrn`.
const APPLICATION_ID: i64 = 0x6868_726e;

/// How the names of the files end that `SQLite` keeps beside a store: its changes and their index, or what is to be taken back.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The most symbolic links that lead to a store, as many as Linux follows.
const MOST_LINKS: u32 = 40;

/// How long another process may take for its change.
const BUSY: Duration = Duration::from_secs(1);

/// Opens a store to write to it, and proves that it can be written.
pub(super) fn to_write(path: &Path) -> Result<Connection, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    make(path)?;
    let mut connection = Connection::open(path).map_err(failed)?;
    claim(path)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    // What is not ours, or of a later version, keeps what another program left beside it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    version(&connection, path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have brought it up to date meanwhile.
    let found = version(&change, path)?;
    // A process of the version before would no longer understand what it writes to.
    let _locks = if (1..known()).contains(&found) { locks(&change, path)? } else { Vec::new() };
    migrate(&change, found).map_err(failed)?;
    change
        .execute("INSERT INTO secrets SELECT randomblob(32) WHERE NOT EXISTS (SELECT 1 FROM secrets)", [])
        .map_err(failed)?;
    change.commit().map_err(failed)?;
    Ok(connection)
}

/// Opens a store that is there already. An old one is brought up to date first.
pub(super) fn to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { path: path.to_owned() });
    }
    let unusable = |error: rusqlite::Error| StoreError::Unusable { path: path.to_owned(), reason: error.to_string() };
    match claim(path) {
        // A mode that cannot be changed, as on a file system that is read-only: nothing more is written, so nothing more is told.
        Ok(()) | Err(StoreError::OpenToOthers { .. }) => {}
        Err(error) => return Err(error),
    }
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unusable)?;
    let found = match version(&connection, path) {
        // Nobody writes on a file system that is read-only, and what SQLite keeps beside a store cannot be made there.
        Err(StoreError::ReadOnly { .. }) if !has_log(path) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            connection = Connection::open_with_flags(immutable(path), flags).map_err(unusable)?;
            version(&connection, path)?
        }
        found => found?,
    };
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

/// An old store that cannot be brought up to date where it lies, brought up to date.
fn in_memory(old: &Connection, found: i64) -> rusqlite::Result<Connection> {
    let mut new = Connection::open_in_memory()?;
    Backup::new(old, &mut new)?.step(-1)?;
    migrate(&new, found)?;
    Ok(new)
}

/// Makes a store its owner's alone, and what `SQLite` keeps beside it. `SQLite` gives a log the store's mode where it makes one: one
/// that lies there already keeps its own.
fn claim(path: &Path) -> Result<(), StoreError> {
    ownership::claim(path)?;
    for kept in BESIDE.map(|end| beside(path, end)) {
        match ownership::claim(&kept) {
            // Another process that closed the store has removed it.
            Err(_) if !kept.exists() => {}
            claimed => claimed?,
        }
    }
    Ok(())
}

/// Whether changes lie beside the store that are not in it yet.
fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// What `SQLite` keeps beside a store: by the name of the file that a link leads to.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    beside.push(end);
    beside.into()
}

/// A store that nobody writes to, as `SQLite` takes it (<https://sqlite.org/uri.html>).
fn immutable(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?immutable=1")
}

/// Makes the file if there is none: for its owner alone, because what tools say may be nobody else's business. Where a
/// symbolic link leads to no file, the file is made there.
fn make(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match options.open(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::read_link(&target) {
                Ok(link) if !target.exists() => target = target.parent().unwrap_or(Path::new("")).join(link),
                _ => return Ok(()),
            },
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                return Err(StoreError::Full { path: path.to_owned() });
            }
            Err(_) => break,
        }
    }
    Err(StoreError::ReadOnly { path: path.to_owned() })
}

/// The locks of all runs that have not ended.
fn locks(connection: &Connection, path: &Path) -> Result<Vec<RunLock>, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::of(path, &error);
    let mut query = connection.prepare("SELECT id FROM pipeline_runs WHERE ended_at IS NULL").map_err(failed)?;
    let ids: Result<Vec<_>, _> = query.query_map([], |row| row.get(0).map(PipelineRunId)).map_err(failed)?.collect();
    ids.map_err(failed)?.into_iter().map(|id| RunLock::take(path, id)).collect()
}

/// The version of the store; 0 of an empty file. An error where it is not to be touched.
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

/// Makes the latest version out of the one found.
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

/// What is committed is on the disk, and readers hold no writer up.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}
