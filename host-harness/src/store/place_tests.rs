//! Stores of other users, and stores at places that cannot be written.

use std::fs::{Permissions, copy, create_dir, read_dir, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rustix::mount::{MountFlags, MountPropagationFlags, mount_bind, mount_change, mount_remount};
use rustix::process::geteuid;
use rustix::thread::{UnshareFlags, set_thread_res_uid, unshare_unsafe};

use super::{Store, StoreError};

/// A user that owns nothing.
const NOBODY: u32 = 65_534;

/// A folder for each test, empty and open to all.
fn folder(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("host-harness-place-{}-{test}", std::process::id()));
    _ = std::fs::remove_dir_all(&folder);
    create_dir(&folder).unwrap();
    set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    folder
}

/// Runs in a thread of its own: on Linux, rights that it gives up stay with the other threads.
fn apart<T: Send>(does: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(does).join().unwrap())
}

/// Becomes a user other than root, in this thread alone.
fn give_up_root() {
    let nobody = rustix::process::Uid::from_raw(NOBODY);
    set_thread_res_uid(nobody, nobody, nobody).unwrap();
}

#[test]
fn a_file_that_is_no_store_keeps_its_mode_by_its_own_name_and_by_a_links() {
    let folder = folder("foreign");
    let (file, link) = (folder.join("notes.txt"), folder.join("link"));
    std::fs::write(&file, "not a store, and long enough not to be an empty one").unwrap();
    set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    symlink(&file, &link).unwrap();
    for path in [&*file, &link, Path::new("/dev/null")] {
        let before = path.metadata().unwrap().permissions();
        for open in [Store::open as fn(&Path) -> _, Store::open_to_read] {
            assert!(matches!(open(path), Err(StoreError::NotOurs { .. })), "{}", path.display());
        }
        assert_eq!(path.metadata().unwrap().permissions(), before, "{}", path.display());
    }
    assert_eq!(read_dir(&folder).unwrap().count(), 2, "nothing was made beside it");
}

#[test]
fn a_store_of_another_user_is_refused_but_to_root() {
    // Only root can give a file to another user; to other users, root's files are another's.
    let is_root = geteuid().is_root();
    let path = if is_root { folder("owner").join("runs.db") } else { PathBuf::from("/etc/passwd") };
    if is_root {
        drop(Store::open(&path).unwrap());
        set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    }
    for open in [Store::open as fn(&Path) -> _, Store::open_to_read] {
        let error = apart(|| {
            if is_root {
                give_up_root();
            }
            open(&path).unwrap_err().to_string()
        });
        let expected = format!("{} belongs to another user", path.display());
        assert_eq!(error, expected);
    }
    if is_root {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        assert_eq!(Store::open(&path).unwrap().other_owner(), Some(NOBODY));
    }
}

#[test]
fn so_is_a_store_beside_which_a_file_of_another_user_lies() {
    let path = folder("owner-beside").join("runs.db");
    drop(Store::open(&path).unwrap());
    let log = path.with_extension("db-wal");
    symlink("/etc/passwd", &log).unwrap();
    let is_root = geteuid().is_root();
    if is_root {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let error = apart(|| {
        if is_root {
            give_up_root();
        }
        Store::open(&path).unwrap_err().to_string()
    });
    assert_eq!(error, format!("{} belongs to another user", log.display()));
}

/// Runs where nothing in this folder can be written: mounted read-only where possible, and without the right to write
/// elsewhere.
fn read_only<T: Send>(folder: &Path, does: impl FnOnce() -> T + Send) -> T {
    let mounted = || {
        // SAFETY: the thread does nothing else, and ends soon.
        unsafe { unshare_unsafe(UnshareFlags::NEWNS) }?;
        mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
        mount_bind(folder, folder)?;
        mount_remount(folder, MountFlags::BIND | MountFlags::RDONLY, "")
    };
    apart(|| {
        if mounted().is_err() {
            let entries: Vec<_> = read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            for path in entries.iter().map(|path| &**path).chain([folder]) {
                let mode = if path.is_dir() { 0o555 } else { 0o444 };
                set_permissions(path, Permissions::from_mode(mode)).unwrap();
                if geteuid().is_root() {
                    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
                }
            }
            if geteuid().is_root() {
                give_up_root();
            }
        }
        assert!(std::fs::write(folder.join("new"), "").is_err());
        does()
    })
}

/// A store with a run in it, as a killed process leaves it: the run is in the log.
fn left_by_a_kill(folder: &Path) -> PathBuf {
    let kept = folder.join("runs.db");
    let live = folder.join("live.db");
    let mut store = Store::open(&live).unwrap();
    store.begin("nightly", "f", "d", &[], Timestamp::UNIX_EPOCH).unwrap();
    for end in ["", "-wal", "-shm"] {
        let beside = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        copy(beside(&live), beside(&kept)).unwrap();
        set_permissions(beside(&kept), Permissions::from_mode(0o644)).unwrap();
    }
    kept
}

/// The number of runs read from it.
fn runs(path: &Path) -> Result<usize, StoreError> {
    Ok(Store::open_to_read(path)?.all()?.len())
}

#[test]
fn a_store_on_a_file_system_that_is_read_only_can_be_read() {
    for with_empty_log in [false, true] {
        let folder = folder(&format!("read-only-{with_empty_log}"));
        let path = folder.join("runs.db");
        let mut store = Store::open(&path).unwrap();
        store.begin("nightly", "f", "d", &[], Timestamp::UNIX_EPOCH).unwrap();
        drop(store);
        assert!(!folder.join("runs.db-wal").exists());
        if with_empty_log {
            std::fs::write(folder.join("runs.db-wal"), "").unwrap();
        }
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(read_only(&folder, || runs(&path)).unwrap(), 1, "{with_empty_log}");
    }
}

#[test]
fn so_can_one_whose_last_changes_lie_beside_it() {
    let folder = folder("read-only-log");
    let path = left_by_a_kill(&folder);
    assert_eq!(read_only(&folder, || runs(&path)).unwrap(), 1);
}

#[test]
fn changes_without_their_index_are_not_passed_over_where_none_can_be_made() {
    let folder = folder("read-only-log-alone");
    let path = left_by_a_kill(&folder);
    std::fs::remove_file(folder.join("runs.db-shm")).unwrap();
    let error = read_only(&folder, || runs(&path)).unwrap_err().to_string();
    assert!(error.ends_with("cannot be written: give write permission to it and its folder"));
}

#[test]
fn so_can_one_of_an_older_version() {
    for with_log in [false, true] {
        let folder = folder(&format!("read-only-old-{with_log}"));
        let path = folder.join("runs.db");
        let old = Connection::open(&path).unwrap();
        old.pragma_update(None, "journal_mode", "WAL").unwrap();
        old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, with_log).unwrap();
        old.execute_batch(include_str!("schema/1.sql")).unwrap();
        old.execute_batch(
            "PRAGMA application_id = 1751675502; PRAGMA user_version = 1;
            INSERT INTO pipeline_runs VALUES (1, 'nightly', 'nightly.toml', '', 1000, NULL, NULL);",
        )
        .unwrap();
        drop(old);
        assert_eq!(folder.join("runs.db-wal").exists(), with_log);
        let found = read_only(&folder, || {
            let store = Store::open_to_read(&path)?;
            store.pipeline_run(store.all()?[0])
        });
        assert_eq!(found.unwrap().name, "nightly");
    }
}
