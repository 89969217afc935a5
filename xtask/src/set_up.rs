//! Getting what the builds need and Rust does not bring: the target `wasm32-wasip2`.

use std::{
    fmt::Write as _,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context, anyhow, bail};

use crate::{
    artifact, build_std, debian, install, rustup,
    toolchain::{TARGET, Toolchain},
};

/// A way to get the target into a toolchain.
type Way = fn(&Toolchain) -> anyhow::Result<()>;

/// Makes sure that the target is there, and says where it is.
pub(crate) fn set_up() -> anyhow::Result<String> {
    let toolchain = Toolchain::current()?;
    if toolchain.has_target() {
        return Ok(found(&toolchain));
    }
    eprintln!("{TARGET} is not in {}: getting it", toolchain.rustlib.display());
    let _only_here = lock(&toolchain.rustlib)?;
    if toolchain.has_target() {
        return Ok(found(&toolchain));
    }
    let ways: [(&str, Way); 2] = [("rustup", rustup::add_target), ("Debian's packages", from_debian)];
    let mut failures = Vec::new();
    for (way, get) in ways {
        eprintln!("{TARGET}: trying {way}");
        match get(&toolchain) {
            Ok(()) if toolchain.has_target() => return Ok(found(&toolchain)),
            Ok(()) => failures.push((way, anyhow!("done, and yet {} is not whole", toolchain.target().display()))),
            Err(error) => failures.push((way, error)),
        }
        if let Some((_, error)) = failures.last() {
            eprintln!("{TARGET}: not from {way}: {error:#}");
        }
    }
    bail!(advice(&toolchain, &failures))
}

fn found(toolchain: &Toolchain) -> String {
    format!("{TARGET} is in {}", toolchain.rustlib.display())
}

/// Builds the target from the sources that Debian has, and installs it.
fn from_debian(toolchain: &Toolchain) -> anyhow::Result<()> {
    let target = toolchain.target();
    install::prepare(&target)?;
    let workshop = workshop()?;
    let _only_here = lock(&workshop)?;
    for left in fs::read_dir(&workshop)?.flatten() {
        // A build orphaned by an interrupted set-up may still be writing here: it harms nobody, and ends by itself.
        let _ = fs::remove_dir_all(left.path());
    }
    let folder = workshop.join(process::id().to_string());
    fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let installed = debian::fetch(&toolchain.release, &folder)
        .and_then(|sources| build_std::build(toolchain, &sources, &folder))
        .and_then(|built| install::install(&built, &target));
    let removed = fs::remove_dir_all(&folder);
    installed?;
    if rustup::rules() {
        eprintln!("{TARGET}: rustup does not know of it; where `cargo` asks for its server, set RUSTUP_AUTO_INSTALL=0");
    }
    removed.with_context(|| format!("cannot remove {}", folder.display()))
}

/// The folder, among all that cargo builds, where targets are built.
fn workshop() -> anyhow::Result<PathBuf> {
    let workshop = artifact::target_directory()?.join("set-up");
    fs::create_dir_all(&workshop).with_context(|| format!("cannot make {}", workshop.display()))?;
    Ok(workshop)
}

/// Waits until no other set-up works on this folder, and keeps others out until the file is dropped or this process ends.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let file = File::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
    let locked = match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            eprintln!("another set-up is at work in {}: waiting for it", folder.display());
            file.lock()
        }
        Err(TryLockError::Error(error)) => Err(error),
        Ok(()) => Ok(()),
    };
    locked.with_context(|| format!("cannot lock {}", folder.display()))?;
    Ok(file)
}

/// What was tried, why it failed, and what a person can do.
fn advice(toolchain: &Toolchain, failures: &[(&str, anyhow::Error)]) -> String {
    let (release, rustlib) = (&toolchain.release, toolchain.rustlib.display());
    let mut text =
        format!("the target {TARGET} is not in Rust {release} at {rustlib}, and no way to it worked\n\nTried:\n");
    for (way, error) in failures {
        let reason = format!("{error:#}").replace('\n', "\n    ");
        let _ = writeln!(text, "- {way}: {reason}");
    }
    let _ = write!(
        text,
        "\nAny one of these helps; then run the same command again:\n\
         - reach rustup's server (through a proxy: set HTTPS_PROXY), for `rustup target add {TARGET}`\n\
         - on Debian, make `apt-get update` work; the packages rust-src ({release}) and wasi-libc are needed\n\
         - make {rustlib} writable to you, or use a Rust of your own\n\
         - copy the folder {rustlib}/{TARGET} from a machine that has it in Rust {release}"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_nothing_worked_one_message_says_what_was_tried_and_what_to_do() {
        let toolchain = Toolchain {
            rustc: "rustc".into(),
            release: "1.95.0".to_owned(),
            host: "x86_64-unknown-linux-gnu".to_owned(),
            rustlib: PathBuf::from("/rust/lib/rustlib"),
        };
        let failures = [
            ("rustup", anyhow!("rustup target failed\nerror: no route")),
            ("Debian's packages", anyhow!("cannot start apt-get")),
        ];
        assert_eq!(
            advice(&toolchain, &failures),
            "the target wasm32-wasip2 is not in Rust 1.95.0 at /rust/lib/rustlib, and no way to it worked\n\
             \n\
             Tried:\n\
             - rustup: rustup target failed\n    error: no route\n\
             - Debian's packages: cannot start apt-get\n\
             \n\
             Any one of these helps; then run the same command again:\n\
             - reach rustup's server (through a proxy: set HTTPS_PROXY), for `rustup target add wasm32-wasip2`\n\
             - on Debian, make `apt-get update` work; the packages rust-src (1.95.0) and wasi-libc are needed\n\
             - make /rust/lib/rustlib writable to you, or use a Rust of your own\n\
             - copy the folder /rust/lib/rustlib/wasm32-wasip2 from a machine that has it in Rust 1.95.0"
        );
    }

    #[test]
    fn a_second_set_up_is_kept_out_until_the_first_has_ended() {
        let folder = tempfile::tempdir().expect("there is room");
        let first = lock(folder.path()).expect("nobody else is here");
        let second = File::open(folder.path()).expect("it is there");
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        assert!(second.try_lock().is_ok());
    }
}
