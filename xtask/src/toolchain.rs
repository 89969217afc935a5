//! The Rust that builds everything here, and whether the plugin's target is in it.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

use crate::shell;

/// The target that plugins are compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// What a whole target holds: how the names of files in its `lib` folder begin.
const WHOLE: [&str; 8] = [
    "liballoc-",
    "libcore-",
    "libpanic_abort-",
    "libstd-",
    "libtest-",
    "self-contained/crt1-command.o",
    "self-contained/crt1-reactor.o",
    "self-contained/libc.a",
];

/// An installed Rust.
pub(crate) struct Toolchain {
    /// The compiler, as this run of cargo calls it.
    pub(crate) rustc: OsString,
    /// The compiler's release, such as `1.95.0`.
    pub(crate) release: String,
    /// What it is compiled for, such as `x86_64-unknown-linux-gnu`.
    pub(crate) host: String,
    /// The folder with one folder per target.
    pub(crate) rustlib: PathBuf,
}

impl Toolchain {
    /// The toolchain that runs this program.
    pub(crate) fn current() -> anyhow::Result<Self> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = shell::ask(Command::new(&rustc).arg("-vV"))?;
        let sysroot = shell::ask(Command::new(&rustc).args(["--print", "sysroot"]))?;
        let said =
            |field| value(&version, field).with_context(|| format!("`rustc -vV` names no {field}")).map(str::to_owned);
        Ok(Self {
            release: said("release")?,
            host: said("host")?,
            rustlib: Path::new(sysroot.trim_end()).join("lib/rustlib"),
            rustc,
        })
    }

    /// Where the target is, or would be.
    pub(crate) fn target(&self) -> PathBuf {
        self.rustlib.join(TARGET)
    }

    /// Whether the target is there, whole.
    pub(crate) fn has_target(&self) -> bool {
        is_whole(&self.target())
    }
}

/// Whether this folder holds a whole target.
pub(crate) fn is_whole(target: &Path) -> bool {
    let lib = target.join("lib");
    let mut files = names(&lib);
    files.extend(names(&lib.join("self-contained")).iter().map(|name| format!("self-contained/{name}")));
    WHOLE.iter().all(|start| files.iter().any(|file| file.starts_with(start)))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The value of a field in what `rustc -vV` prints.
fn value<'a>(version: &'a str, field: &str) -> Option<&'a str> {
    version.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(": "))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Lays out a target in which every file holds its own name.
    pub(crate) fn lay_out_target(target: &Path) {
        for start in WHOLE {
            let file = target.join("lib").join(start);
            fs::create_dir_all(file.parent().expect("it is in a folder")).expect("the folder can be made");
            fs::write(file, start).expect("the file can be written");
        }
    }

    #[test]
    fn the_release_is_read_off_the_version() {
        let version =
            "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(value(version, "release"), Some("1.95.0"));
        assert_eq!(value(version, "host"), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(value("rustc 1.95.0", "release"), None);
    }

    #[test]
    fn a_target_is_there_only_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("there is room");
        let target = folder.path().join(TARGET);
        assert!(!is_whole(&target));
        lay_out_target(&target);
        assert!(is_whole(&target));
        fs::remove_file(target.join("lib/self-contained/libc.a")).expect("it is there");
        assert!(!is_whole(&target));
    }
}
