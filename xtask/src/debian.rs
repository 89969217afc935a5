//! What the second way to the target needs: the sources of Rust's standard library and wasi-libc, from Debian's packages.
//!
//! apt works in a folder of its own, with the mirror, the proxy and the keys that the machine is set up with. Nothing of
//! the machine's own apt changes, and no rights are needed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, bail};

use crate::{
    shell::{self, Stdout},
    toolchain::TARGET,
};

/// The suites that may hold the release of Rust in use, the most settled first.
const SUITES: [&str; 4] = ["trixie-backports", "trixie", "forky", "sid"];

/// Where Debian's package `debian-archive-keyring` puts the keys that its archives are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Enough for about 90 MB over a slow line.
const LIMIT: Duration = Duration::from_mins(10);

/// What was fetched.
pub(crate) struct Sources {
    /// The workspace of Rust's standard library.
    pub(crate) library: PathBuf,
    /// The folder with wasi-libc's archive and start files.
    pub(crate) libc: PathBuf,
}

/// Fetches the sources for this release of Rust into an empty folder.
pub(crate) fn fetch(release: &str, folder: &Path) -> anyhow::Result<Sources> {
    let targets = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
    let listed = shell::ask(Command::new("apt-get").args(targets))?;
    let mirrors = mirrors(&listed);
    if mirrors.is_empty() {
        bail!("apt-get is set up with no mirror");
    }
    if !Path::new(KEYRING).exists() {
        bail!("{KEYRING} is not there: install Debian's package debian-archive-keyring");
    }
    for made in ["lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(made))?;
    }
    fs::write(folder.join("sources.list"), sources_list(&mirrors))?;

    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.args(["--quiet", "--yes"]).args(options(folder)).current_dir(folder);
        apt
    };
    // A mirror need not have every suite: what counts is whether the packages are found.
    let updated = shell::watch(apt().arg("update"), Stdout::Shown, LIMIT);
    let wanted = [format!("rust-src={release}*"), "wasi-libc".to_owned()];
    shell::watch(apt().arg("download").args(wanted), Stdout::Shown, LIMIT)
        .map_err(|error| updated.err().unwrap_or(error))?;

    let unpacked = folder.join("unpacked");
    for package in packages(folder)? {
        shell::watch(Command::new("dpkg-deb").arg("-x").arg(package).arg(&unpacked), Stdout::Shown, LIMIT)?;
    }
    Ok(Sources {
        library: unpacked.join(format!("usr/src/rustc-{release}/library")),
        libc: unpacked.join("usr/lib").join(TARGET),
    })
}

/// The mirrors in what `apt-get indextargets` lists, each once. Those for security updates hold no suite of [`SUITES`].
fn mirrors(listed: &str) -> Vec<&str> {
    let mut mirrors = Vec::new();
    for mirror in listed.lines().map(str::trim) {
        if !mirror.is_empty() && !mirror.contains("security") && !mirrors.contains(&mirror) {
            mirrors.push(mirror);
        }
    }
    mirrors
}

fn sources_list(mirrors: &[&str]) -> String {
    let lines = mirrors
        .iter()
        .flat_map(|mirror| SUITES.map(|suite| format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n")));
    lines.collect()
}

/// The options that make apt work in this folder only.
fn options(folder: &Path) -> Vec<String> {
    let within = |name| folder.join(name).display().to_string();
    let settings = [
        format!("Dir::Etc::SourceList={}", within("sources.list")),
        "Dir::Etc::SourceParts=/dev/null".to_owned(),
        format!("Dir::State::Lists={}", within("lists")),
        format!("Dir::Cache={}", within("cache")),
        "Acquire::Languages=none".to_owned(),
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
        // As root, apt would download as another user, who may not enter this folder.
        "APT::Sandbox::User=root".to_owned(),
    ];
    settings.into_iter().flat_map(|setting| ["-o".to_owned(), setting]).collect()
}

fn packages(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "deb")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mirror_is_taken_once_and_those_for_security_updates_not_at_all() {
        let listed = "http://mirror.test/debian/\nhttp://mirror.test/debian/\nhttp://mirror.test/debian-security/\n\n";
        assert_eq!(mirrors(listed), ["http://mirror.test/debian/"]);
    }

    #[test]
    fn every_suite_of_a_mirror_is_listed_and_must_be_signed_by_debian() {
        let list = sources_list(&["http://mirror.test/debian/"]);
        assert_eq!(
            list.lines().next(),
            Some(
                "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.test/debian/ trixie-backports main"
            )
        );
        assert_eq!(list.lines().count(), 4);
    }

    #[test]
    fn apt_is_told_to_keep_to_its_folder() {
        let options = options(Path::new("/apt")).join(" ");
        for kept in
            ["SourceList=/apt/sources.list", "SourceParts=/dev/null", "State::Lists=/apt/lists", "Cache=/apt/cache"]
        {
            assert!(options.contains(kept), "{kept} is not in {options}");
        }
    }
}
