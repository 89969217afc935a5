//! The public API of the host's library, held to a file, so that it changes on purpose.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use public_api::Builder;

use crate::{
    artifact::{self, WORKSPACE},
    set_up,
    shell::{self, cargo},
};

/// The file that lists it, an item a line.
const FILE: &str = "host-harness/docs/public-api.txt";

/// The rustdoc whose JSON is let through.
const RUSTDOC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rustdoc-json.sh");

/// Sets up, and compares the public API, all features included, with the file.
pub(crate) fn compare() -> anyhow::Result<()> {
    let known = fs::read_to_string(file()).with_context(|| FILE.to_owned())?;
    let difference = difference(&known, &listed()?);
    ensure!(
        difference.is_empty(),
        "the public API of host-harness is not that of {FILE}:\n{}\nwhere that is meant, write it with `cargo xtask api --write`, and say it in CHANGELOG.md",
        difference.join("\n")
    );
    println!("the public API of host-harness is that of {FILE}");
    Ok(())
}

/// Sets up, and writes the public API into the file.
pub(crate) fn write() -> anyhow::Result<()> {
    fs::write(file(), listed()?).with_context(|| FILE.to_owned())
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FILE)
}

/// The public API, an item a line.
fn listed() -> anyhow::Result<String> {
    set_up::set_up()?;
    let mut rustdoc = cargo();
    rustdoc
        .arg("doc")
        .args(WORKSPACE)
        .arg("--no-deps")
        .env("RUSTDOC", RUSTDOC)
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    shell::hand_over(&mut rustdoc)?;
    let json = artifact::target_directory()?.join("doc/host_harness.json");
    items(&json)
}

fn items(json: &Path) -> anyhow::Result<String> {
    let api = Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()
        .with_context(|| format!("{} cannot be read", json.display()))?;
    Ok(api.to_string())
}

/// The lines that are only in the first, marked `-`, and those only in the second, marked `+`.
fn difference(listed: &str, found: &str) -> Vec<String> {
    let (listed, found): (BTreeSet<_>, BTreeSet<_>) = (listed.lines().collect(), found.lines().collect());
    let gone = listed.difference(&found).map(|line| format!("- {line}"));
    gone.chain(found.difference(&listed).map(|line| format!("+ {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_and_what_came_is_told_line_by_line() {
        assert!(difference("a\nb\n", "a\nb\n").is_empty());
        assert_eq!(difference("a\nb\n", "b\nc\n"), ["- a", "+ c"]);
    }
}
