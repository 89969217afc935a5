//! Ownership and mode of the store's files: only their owner may read tools' messages, or hold a lock.

use std::path::Path;

use super::StoreError;

/// Refuses a store that belongs to another user, or that is no file. Root may use any user's.
#[cfg(unix)]
pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;

    let unusable = |error: std::io::Error| StoreError::Unusable { path: path.to_owned(), reason: error.to_string() };
    let metadata = std::fs::metadata(path).map_err(unusable)?;
    let user = rustix::process::geteuid();
    if metadata.uid() != user.as_raw() && !user.is_root() {
        return Err(StoreError::AnotherUsers { path: path.to_owned() });
    }
    if metadata.is_file() { Ok(()) } else { Err(StoreError::NotOurs { path: path.to_owned() }) }
}

/// Makes a file or folder that was just opened its owner's alone. Refused if it belongs to another user; root may use
/// any user's.
///
/// Works by path: opening and closing the database beside `SQLite` would release the locks that `SQLite` holds on it.
#[cfg(unix)]
pub(super) fn claim(path: &Path) -> Result<(), StoreError> {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let unusable = |error: std::io::Error| StoreError::Unusable { path: path.to_owned(), reason: error.to_string() };
    let metadata = fs::metadata(path).map_err(unusable)?;
    let (user, mode) = (rustix::process::geteuid(), metadata.mode() & 0o7777);
    if metadata.uid() != user.as_raw() && !user.is_root() {
        return Err(StoreError::AnotherUsers { path: path.to_owned() });
    }
    if mode & 0o077 != 0 && fs::set_permissions(path, Permissions::from_mode(mode & 0o700)).is_err() {
        return Err(StoreError::OpenToOthers { path: path.to_owned(), mode });
    }
    Ok(())
}

/// The user id of the store's owner, if another user than this process's.
#[cfg(unix)]
pub(super) fn other_owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    let owner = std::fs::metadata(path).ok()?.uid();
    (owner != rustix::process::geteuid().as_raw()).then_some(owner)
}

/// Files have no such owners here.
#[cfg(not(unix))]
pub(super) fn other_owner(_: &Path) -> Option<u32> {
    None
}

/// Files have no such owners here.
#[cfg(not(unix))]
pub(super) fn check(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

/// Files have no modes here.
#[cfg(not(unix))]
pub(super) fn claim(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, metadata, set_permissions, write};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_its_owners_alone_is_left_as_it_is() {
        let path = std::env::temp_dir().join(format!("host-harness-ownership-{}", std::process::id()));
        write(&path, "").unwrap();
        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let changed = || metadata(&path).map(|metadata| (metadata.ctime(), metadata.ctime_nsec())).unwrap();
        let before = changed();
        // Longer than the file system's clock takes to go on.
        std::thread::sleep(Duration::from_millis(20));
        claim(&path).unwrap();
        assert_eq!(changed(), before);
        assert_eq!(other_owner(&path), None);
    }
}
