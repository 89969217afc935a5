//! Who runs a pipeline.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::{PipelineRunId, StoreError};

/// The right to run one run of a pipeline. It ends with the process, however that ends: the system holds it, not a clock.
#[derive(Debug)]
pub struct RunLock(#[expect(dead_code, reason = "holds the lock")] File);

impl RunLock {
    /// Takes the lock, or says that another process has it.
    pub(super) fn take(store: &Path, id: PipelineRunId) -> Result<Self, StoreError> {
        let unusable =
            |error: std::io::Error| StoreError::Unusable { path: store.to_owned(), reason: error.to_string() };
        // Whatever name the store is opened by.
        let mut folder = fs::canonicalize(store).map_err(unusable)?.into_os_string();
        folder.push(".locks");
        let folder = Path::new(&folder);
        fs::create_dir_all(folder).map_err(unusable)?;
        let path = folder.join(id.to_string());
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Held { id }),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
}
