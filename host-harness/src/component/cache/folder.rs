//! The folder of the cache, and its files: written by this user alone.

use std::fs::{DirBuilder, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, renameat, statat, unlinkat};
use rustix::process::geteuid;

/// The age at which a file that is still being written is one that its process left behind.
const ABANDONED: Duration = Duration::from_hours(1);

/// The beginning of the name of a file that is being written.
const UNFINISHED: &str = ".new-";

/// The open folder. What is at its path later does not matter.
#[derive(Debug)]
pub(super) struct Folder(File);

impl Folder {
    /// Opens a folder, or makes it. Refused if anyone but this user could have written to it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let folder = File::open(path)?;
        is_ours_alone(&folder.metadata()?)?;
        Ok(Self(folder))
    }

    /// Reads a file of at most this size, in bytes. None where there is no such file.
    pub(super) fn read(&self, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let metadata = file.metadata()?;
        is_ours_alone(&metadata)?;
        if !metadata.is_file() || metadata.len() > most {
            return Err(io::Error::other("it is not a regular file of a size that was written here"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        (&file).take(most).read_to_end(&mut bytes)?;
        // The time of last use, by which `shrink` deletes. Where it cannot be set, the file is deleted earlier.
        _ = file.set_modified(SystemTime::now());
        Ok(Some(bytes))
    }

    /// Writes a file atomically, from these parts: a process that reads at the same time sees the old file or the new one.
    pub(super) fn write(&self, name: &str, parts: [&[u8]; 2]) -> io::Result<()> {
        let unfinished = format!("{UNFINISHED}{:016x}", getrandom::u64().map_err(io::Error::other)?);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, &*unfinished, flags, Mode::RUSR | Mode::WUSR)?);
        // Without fsync: the digest detects a file that a power cut left incomplete.
        let written = parts.iter().try_for_each(|part| file.write_all(part));
        let written = written.and_then(|()| Ok(renameat(&self.0, &*unfinished, &self.0, name)?));
        if written.is_err() {
            _ = unlinkat(&self.0, &*unfinished, AtFlags::empty());
        }
        written
    }

    /// Deletes the least recently used entries until all together have at most this size, in bytes, and unfinished files that a
    /// process left behind. No other file is touched: the folder may be any folder of the user's.
    pub(super) fn shrink(&self, most: u64) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_owned();
            let Ok(found) = statat(&self.0, &name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let metadata = ((found.st_mtime, found.st_mtime_nsec), u64::try_from(found.st_size).unwrap_or_default());
            match name.to_bytes().strip_prefix(UNFINISHED.as_bytes()) {
                Some(number) if is_hex(number, 16) && is_older(found.st_mtime, ABANDONED) => {
                    // Another process may have deleted it just now.
                    _ = unlinkat(&self.0, &name, AtFlags::empty());
                }
                None if is_hex(name.to_bytes(), 64) => files.push((metadata, name)),
                _ => {}
            }
        }
        files.sort();
        let mut all: u64 = files.iter().map(|((_, size), _)| size).sum();
        for ((_, size), name) in files {
            if all <= most {
                break;
            }
            match unlinkat(&self.0, &name, AtFlags::empty()) {
                Ok(()) | Err(rustix::io::Errno::NOENT) => all -= size,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn is_hex(name: &[u8], digits: usize) -> bool {
    name.len() == digits && name.iter().all(u8::is_ascii_hexdigit)
}

/// True if this time, in seconds since 1970, is longer ago than that.
fn is_older(seconds: i64, age: Duration) -> bool {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    SystemTime::now().duration_since(then).is_ok_and(|ago| ago > age)
}

/// Checks an open file or folder: no other user may write to it, by its owner, its mode and its links.
fn is_ours_alone(metadata: &Metadata) -> io::Result<()> {
    let refused = |reason| Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    if metadata.uid() != geteuid().as_raw() {
        return refused("it belongs to another user");
    }
    if metadata.mode() & 0o022 != 0 {
        return refused("other users may write to it: delete it, and it is made anew");
    }
    if metadata.is_file() && metadata.nlink() != 1 {
        return refused("it has another name elsewhere");
    }
    Ok(())
}
