//! The second way to the target: compile Rust's standard library for it, from its sources.
//!
//! The build sees a copy of the toolchain made of links, with the sources and the start files in their places, so that the
//! toolchain itself stays as it is until the target is whole and proven.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, ensure};

use crate::{
    artifact::Artifacts,
    debian::Sources,
    shell::{self, Stdout},
    toolchain::{self, TARGET, Toolchain},
};

/// It takes about a minute on two cores.
const LIMIT: Duration = Duration::from_mins(30);

/// What a program links of wasi-libc: <https://doc.rust-lang.org/rustc/platform-support/wasm32-wasip2.html>.
const LIBC: [&str; 3] = ["libc.a", "crt1-command.o", "crt1-reactor.o"];

/// A crate with nothing in it but what cargo needs to compile std for it.
const MANIFEST: &str = r#"[package]
name = "empty"
version = "0.0.0"
edition = "2024"

[lib]
path = "empty.rs"
crate-type = ["cdylib"]

[workspace]
"#;

/// Stands for rustc in the build and makes it see the copy of the toolchain.
const RUSTC: &str = "#!/bin/sh\nexec \"$SET_UP_RUSTC\" --sysroot \"$SET_UP_SYSROOT\" \"$@\"\n";

/// Builds the target in an empty folder and gives the folder to install.
pub(crate) fn build(toolchain: &Toolchain, sources: &Sources, folder: &Path) -> anyhow::Result<PathBuf> {
    let sysroot = folder.join("sysroot");
    let target = copy_toolchain(toolchain, sources, &sysroot)?;
    let krate = folder.join("empty");
    fs::create_dir_all(&krate)?;
    fs::write(krate.join("Cargo.toml"), MANIFEST)?;
    fs::write(krate.join("empty.rs"), "")?;
    let rustc = folder.join("rustc");
    fs::write(&rustc, RUSTC)?;
    shell::ask(Command::new("chmod").arg("755").arg(&rustc))?;

    let mut cargo = shell::cargo();
    cargo.args(["build", "--release", "-Zbuild-std=std,panic_abort,test", "--target", TARGET, "--target-dir", "built"]);
    cargo.current_dir(&krate);
    cargo.env("RUSTC", &rustc).env("SET_UP_RUSTC", &toolchain.rustc).env("SET_UP_SYSROOT", &sysroot);
    // Lets the stable toolchain build std, as Rust's own releases are built. Without the bitcode, no plugin could be
    // linked with `lto = true`.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let built = Artifacts::build(&mut cargo, LIMIT)?;

    for file in built.files(None) {
        if let Some(name) = file.file_name().filter(|_| file.extension().is_some_and(|extension| extension == "rlib")) {
            fs::copy(&file, target.join("lib").join(name))
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
    }
    ensure!(toolchain::is_whole(&target), "the build of std left something out of {}", target.display());
    prove(toolchain, &sysroot, &krate)?;
    Ok(target)
}

/// Lays out a toolchain that has the sources, and a target with nothing but wasi-libc; gives the target's folder.
fn copy_toolchain(toolchain: &Toolchain, sources: &Sources, sysroot: &Path) -> anyhow::Result<PathBuf> {
    let rustlib = sysroot.join("lib/rustlib");
    let (library, target) = (rustlib.join("src/rust/library"), rustlib.join(TARGET));
    let self_contained = target.join("lib/self-contained");
    fs::create_dir_all(rustlib.join("src/rust"))?;
    fs::create_dir_all(&self_contained)?;
    link(&sources.library, &library)?;
    link(&toolchain.rustlib.join(&toolchain.host), &rustlib.join(&toolchain.host))?;
    for file in LIBC {
        let from = sources.libc.join(file);
        fs::copy(&from, self_contained.join(file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(target)
}

/// Links a component with the new target the ordinary way, as the plugin will be.
fn prove(toolchain: &Toolchain, sysroot: &Path, krate: &Path) -> anyhow::Result<()> {
    let mut rustc = Command::new(&toolchain.rustc);
    rustc.arg("--sysroot").arg(sysroot).args(["--target", TARGET, "--crate-type", "cdylib", "-Clto", "-Copt-level=z"]);
    rustc.args(["empty.rs", "-o", "empty.wasm"]).current_dir(krate);
    shell::watch(&mut rustc, Stdout::Shown, LIMIT).map(drop).context("the target was built, but nothing links with it")
}

fn link(original: &Path, link: &Path) -> anyhow::Result<()> {
    shell::ask(Command::new("ln").arg("-s").arg(original).arg(link)).map(drop)
}
