use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context;

use super::{HOST, environment::Environment};
use crate::shell::{self, Stdout};

/// Packing takes some seconds.
const LIMIT: Duration = Duration::from_mins(5);

/// Packs a wheel of the module that cargo has built, and says where it lies.
///
/// What maturin would compile anew is there already. Its metadata are maturin's all the same, and so are those of a wheel that it builds.
pub(super) fn pack(environment: &Environment, module: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let (content, wheels) = (folder.join("content"), folder.join("wheels"));
    for folder in [&content, &wheels] {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut maturin = environment.command("maturin");
    maturin.args(["pep517", "write-dist-info", "--locked", "--metadata-directory"]).arg(&content);
    maturin.args(["--manifest-path", &format!("{HOST}/Cargo.toml"), "--interpreter"]);
    maturin.arg(environment.command("python").get_program());
    shell::watch(&mut maturin, Stdout::Shown, LIMIT)?;

    let package = content.join("orchestrator_host");
    copy(&Path::new(HOST).join("python/orchestrator_host"), &package)?;
    let packed = package.join("_native.abi3.so");
    fs::copy(module, &packed).with_context(|| format!("cannot copy {}", module.display()))?;
    // Ten times as large with what only debuggers read.
    shell::watch(Command::new("strip").arg("-S").arg(&packed), Stdout::Shown, LIMIT)?;

    let mut wheel = environment.command("wheel");
    wheel.arg("pack").arg("--dest-dir").arg(&wheels).arg(&content);
    shell::watch(&mut wheel, Stdout::Shown, LIMIT)?;
    let entries = fs::read_dir(&wheels)?.collect::<Result<Vec<_>, _>>()?;
    entries.first().map(fs::DirEntry::path).context("no wheel was packed")
}

/// Copies the package's files: those that Python has compiled meanwhile are not among them.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let known = path.extension().is_some_and(|extension| ["py", "pyi", "typed"].iter().any(|it| extension == *it));
        if path.is_dir() && entry.file_name() != "__pycache__" {
            copy(&path, &to)?;
        } else if known {
            fs::copy(&path, &to).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}
