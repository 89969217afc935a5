//! The run lock: which process works on a run.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{PipelineRunId, StoreError, ownership};

/// The right to work on one run of a pipeline. It ends with the process, however that ends, since the system holds it.
///
/// It keeps two processes from working on the same run, but the run's safety does not depend on it: the fencing epoch
/// in the store holds even where the locks' folder is removed.
#[derive(Debug)]
pub struct RunLock(#[expect(dead_code, reason = "holds the lock")] File);

impl RunLock {
    /// Takes the lock. Fails if another process has it.
    pub(super) fn take(store: &Path, id: PipelineRunId) -> Result<Self, StoreError> {
        let unusable = |error: io::Error| StoreError::Unusable { path: store.to_owned(), reason: error.to_string() };
        let folder = &folder(store).map_err(unusable)?;
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder).map_err(unusable)?;
        ownership::claim(folder)?;
        let mut options = File::options();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = folder.join(id.to_string());
        let file = options.create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
        ownership::claim(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Held { id }),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
}

/// Removes the lock of a run that is no longer in the store.
pub(super) fn remove(store: &Path, id: PipelineRunId) {
    if let Ok(folder) = folder(store) {
        _ = fs::remove_file(folder.join(id.to_string()));
    }
}

/// The folder of locks, the same for every name of the store.
fn folder(store: &Path) -> io::Result<PathBuf> {
    let mut folder = fs::canonicalize(store)?.into_os_string();
    folder.push(".locks");
    Ok(folder.into())
}
