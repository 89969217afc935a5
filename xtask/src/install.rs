//! Putting a built target into the toolchain: whole or not at all.
//!
//! It is copied under another name into the folder where it belongs and renamed when it is complete. Whoever looks, and
//! whatever is killed, there is never a part of a target under a target's name.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// Removes what an interrupted installation of this target left, and makes sure that its folder can be written to. To be
/// done before anything is fetched for it.
pub(crate) fn prepare(target: &Path) -> anyhow::Result<()> {
    let [partial, replaced] = ["partial", "replaced"].map(|what| sibling(target, what));
    remove(&partial)
        .and_then(|()| remove(&replaced))
        .and_then(|()| fs::create_dir(&partial))
        .and_then(|()| fs::remove_dir(&partial))
        .with_context(|| format!("cannot write to the toolchain, at {}", partial.display()))
}

/// Installs a built target. A target that is there gives way: it was not whole.
pub(crate) fn install(built: &Path, target: &Path) -> anyhow::Result<()> {
    let [partial, replaced] = ["partial", "replaced"].map(|what| sibling(target, what));
    if let Err(error) = copy(built, &partial) {
        // What cannot be removed now, the next set-up removes.
        let _ = remove(&partial);
        return Err(error).with_context(|| format!("cannot copy {} into the toolchain", built.display()));
    }
    if target.exists() {
        fs::rename(target, &replaced).with_context(|| format!("cannot move {}", target.display()))?;
    }
    fs::rename(&partial, target).with_context(|| format!("cannot make {}", target.display()))?;
    remove(&replaced).with_context(|| format!("cannot remove {}", replaced.display()))
}

fn sibling(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{what}"))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Copies what a folder holds and sees it on the disk, so that not even a power cut leaves a renamed folder of empty files.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copied = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &copied)?;
        } else {
            fs::copy(entry.path(), &copied)?;
            File::open(&copied)?.sync_all()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::toolchain::{TARGET, is_whole, tests::lay_out_target};

    /// A toolchain's folder without the target, and a built target.
    fn scene() -> (TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().expect("there is room");
        let (target, built) = (folder.path().join("rustlib").join(TARGET), folder.path().join("built"));
        fs::create_dir(folder.path().join("rustlib")).expect("the folder is empty");
        lay_out_target(&built);
        (folder, target, built)
    }

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("it is there");
        entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_target_is_installed_whole_and_nothing_else_stays() {
        let (folder, target, built) = scene();
        prepare(&target).and_then(|()| install(&built, &target)).expect("it installs");
        assert!(is_whole(&target));
        assert_eq!(entries(&folder.path().join("rustlib")), [TARGET]);
    }

    #[test]
    fn an_installation_that_fails_leaves_nothing() {
        let (folder, target, _) = scene();
        assert!(install(Path::new("/nowhere"), &target).is_err());
        assert_eq!(entries(&folder.path().join("rustlib")), [""; 0]);
    }

    #[test]
    fn what_an_interrupted_installation_left_is_replaced() {
        let (folder, target, built) = scene();
        let rustlib = folder.path().join("rustlib");
        fs::create_dir_all(rustlib.join(".wasm32-wasip2.partial/lib/old")).expect("the folder is empty");
        fs::create_dir_all(target.join("lib/self-contained")).expect("the folder is empty");
        prepare(&target).and_then(|()| install(&built, &target)).expect("it installs");
        assert!(is_whole(&target));
        assert!(!target.join("lib/old").exists());
        assert_eq!(entries(&rustlib), [TARGET]);
    }

    #[test]
    fn a_toolchain_that_cannot_be_written_to_is_named() {
        let error = prepare(Path::new("/nowhere/wasm32-wasip2")).expect_err("there is no such folder");
        assert_eq!(error.to_string(), "cannot write to the toolchain, at /nowhere/.wasm32-wasip2.partial");
    }
}
