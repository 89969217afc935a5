//! Store errors.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::PipelineRunId;

/// An error of using a store or making a change. None of the change is in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A later version of this program wrote the store. It was not touched.
    #[error("{} is of version {found}, and this program knows versions up to {known}: use a newer one", path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// The file is not a store of this program. It was not touched.
    #[error("{} is not a store of runs", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// No store is there yet, or its first process was ended before it had made one.
    #[error("there is no store {}", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// A run of the same pipeline has not ended.
    #[error("run {id} of the pipeline {name} has not ended")]
    Unfinished {
        /// The pipeline.
        name: String,
        /// Its run.
        id: PipelineRunId,
    },
    /// Another process holds the run.
    #[error("run {id} is held by another process")]
    Held {
        /// The run.
        id: PipelineRunId,
    },
    /// Another process has taken the run over since this one took it, or this one never took it. Nothing was written.
    #[error("the run was taken over by another process, which goes on with it")]
    TakenOver,
    /// No run has this number.
    #[error("there is no run {id} in the store")]
    NoSuchRun {
        /// The run asked for.
        id: PipelineRunId,
    },
    /// The disk is full.
    #[error("{} cannot grow: the disk is full; make room", path.display())]
    Full {
        /// The store.
        path: PathBuf,
    },
    /// The store or its folder may not be written.
    #[error("{} cannot be written: give write permission to it and its folder", path.display())]
    ReadOnly {
        /// The store.
        path: PathBuf,
    },
    /// The store or its locks belong to another user, who could change them during a run.
    #[error("{} belongs to another user", path.display())]
    AnotherUsers {
        /// The file or folder.
        path: PathBuf,
    },
    /// Other users may read or write it, and this cannot be denied to them.
    #[error("{} is open to other users (mode {mode:o}), and that could not be changed: run `chmod go= {}`", path.display(), path.display())]
    OpenToOthers {
        /// The file or folder.
        path: PathBuf,
        /// Its mode, as `chmod` takes it.
        mode: u32,
    },
    /// Any other error.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// The store.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

impl StoreError {
    /// True if the same change may succeed later, with the store as it is.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::ReadOnly { .. } | Self::Unusable { .. })
    }

    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::NotADatabase) => Self::NotOurs { path },
            Some(ErrorCode::SystemIoFailure) => {
                Self::Unusable { path, reason: format!("{error}: see that its disk has room and is well") }
            }
            _ => Self::Unusable { path, reason: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn what_sqlite_says_is_told_by_what_a_person_can_do() {
        for (code, told) in [
            (ffi::SQLITE_FULL, "runs.db cannot grow: the disk is full; make room"),
            (ffi::SQLITE_READONLY, "runs.db cannot be written: give write permission to it and its folder"),
            (ffi::SQLITE_CANTOPEN, "runs.db cannot be written: give write permission to it and its folder"),
            (ffi::SQLITE_PERM, "runs.db cannot be written: give write permission to it and its folder"),
            (ffi::SQLITE_NOTADB, "runs.db is not a store of runs"),
            (
                ffi::SQLITE_IOERR,
                "runs.db cannot be used: Error code 10: disk I/O error: see that its disk has room and is well",
            ),
            (ffi::SQLITE_BUSY, "runs.db cannot be used: Error code 5: database is locked"),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(StoreError::of(Path::new("runs.db"), &error).to_string(), told);
        }
    }
}
