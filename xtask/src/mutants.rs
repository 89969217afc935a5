//! Mutation testing: whether the tests notice when the code that decides is changed.
//!
//! `.cargo/mutants.toml` says which code that is. A mutant that no test catches is alive; one that behaves as the code does, and
//! so cannot be caught, is explained in `.cargo/equivalent-mutants.txt`.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, bail, ensure};

use crate::{
    artifact, set_up,
    shell::{self, cargo},
};

/// The mutants that behave as the code does, each below the reason why.
const EQUIVALENT: &str = include_str!("../../.cargo/equivalent-mutants.txt");

/// The greatest share of mutants that may stay alive, explained ones included, in percent.
const MOST_ALIVE: usize = 5;

/// How cargo-mutants ends where it has tried all mutants: all caught, some alive, some endless.
const TRIED_ALL: [i32; 3] = [0, 2, 3];

/// Sets up, tries each mutant with the native tests, and judges what stays alive: all mutants, or those that the arguments, which
/// are cargo-mutants' own, choose.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let equivalent = equivalent(EQUIVALENT)?;
    shell::ask(cargo().args(["mutants", "--version"]))
        .context("cargo-mutants is needed: `cargo install cargo-mutants --locked` gets it")?;
    set_up::set_up()?;
    let target = artifact::target_directory()?;
    let chosen = if arguments.is_empty() { &["--workspace"] } else { arguments };
    let mut mutants = cargo();
    mutants
        .arg("mutants")
        .args(chosen)
        // What it builds is kept for its next run, apart from what a person builds.
        .env("CARGO_TARGET_DIR", target.join("mutants"))
        // A mutant is to be caught by what a test says, and not by the luck of a property or a seed that another mutant left.
        .env("PROPTEST_CASES", "16")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    let status = shell::status(&mut mutants)?;
    ensure!(
        status.code().is_some_and(|code| TRIED_ALL.contains(&code)),
        "{} did not try all mutants ({status})",
        shell::line(&mutants)
    );
    let tried = Tried::read(&target.join("mutants.out"))?;
    println!("{}", tried.summary());
    tried.judge(&equivalent, arguments.is_empty())
}

/// What became of the mutants.
#[derive(Debug, Default)]
struct Tried {
    caught: usize,
    alive: Vec<String>,
    /// Those that do not compile: they tell nothing of the tests.
    unviable: usize,
}

impl Tried {
    /// Reads what cargo-mutants leaves in its folder, a mutant a line.
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let lines = |file: &str| -> anyhow::Result<Vec<String>> {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(text.lines().map(str::to_owned).collect())
        };
        Ok(Self {
            // A test that never ends has noticed, too.
            caught: lines("caught.txt")?.len() + lines("timeout.txt")?.len(),
            alive: lines("missed.txt")?,
            unviable: lines("unviable.txt")?.len(),
        })
    }

    fn summary(&self) -> String {
        let (caught, alive, unviable) = (self.caught, self.alive.len(), self.unviable);
        format!("{} mutants: {caught} caught, {alive} alive, {unviable} that do not compile", caught + alive + unviable)
    }

    /// Whether the tests notice enough; `whole` where all mutants were tried.
    fn judge(&self, equivalent: &BTreeSet<String>, whole: bool) -> anyhow::Result<()> {
        let unexplained: Vec<&str> =
            self.alive.iter().filter(|mutant| !equivalent.contains(&named(mutant))).map(String::as_str).collect();
        if !unexplained.is_empty() {
            bail!(
                "no test catches, and .cargo/equivalent-mutants.txt does not explain:\n{}\n\
                 write a test that tells each from the code, or delete the code that makes no difference",
                unexplained.join("\n")
            );
        }
        let alive: BTreeSet<String> = self.alive.iter().map(|mutant| named(mutant)).collect();
        let stale: Vec<&str> = equivalent.difference(&alive).map(String::as_str).collect();
        if whole && !stale.is_empty() {
            bail!(".cargo/equivalent-mutants.txt explains what is not alive: remove it there\n{}", stale.join("\n"));
        }
        let viable = self.caught + self.alive.len();
        // Of a few chosen ones, one that is explained would be too many.
        ensure!(
            !whole || self.alive.len() * 100 <= viable * MOST_ALIVE,
            "{} of {viable} mutants are alive, more than {MOST_ALIVE} %: the code says too much that makes no difference",
            self.alive.len()
        );
        Ok(())
    }
}

/// A mutant by its file's name and its change: lines move, and so do files.
fn named(mutant: &str) -> String {
    let (place, change) = mutant.split_once(": ").unwrap_or(("", mutant));
    let path = place.split(':').next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    format!("{file}: {change}")
}

/// The mutants of a list whose every paragraph is comment lines that explain, then mutants.
fn equivalent(list: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut mutants = BTreeSet::new();
    for paragraph in list.split("\n\n") {
        let (reasons, named): (Vec<&str>, Vec<&str>) =
            paragraph.lines().filter(|line| !line.is_empty()).partition(|line| line.starts_with('#'));
        if let ([], [first, ..]) = (&*reasons, &*named) {
            bail!(".cargo/equivalent-mutants.txt: `{first}` has no reason: write one above it, after a `#`");
        }
        mutants.extend(named.into_iter().map(str::to_owned));
    }
    Ok(mutants)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: &str = "src/pace.rs:15:5: replace poll_after_ms -> u64 with 1";

    fn tried(caught: usize, alive: &[&str]) -> Tried {
        Tried { caught, alive: alive.iter().map(|mutant| (*mutant).to_owned()).collect(), unviable: 2 }
    }

    fn refused(tried: &Tried, list: &str, whole: bool) -> String {
        let equivalent = equivalent(list).expect("a list");
        tried.judge(&equivalent, whole).expect_err("it is not enough").to_string()
    }

    #[test]
    fn a_mutant_that_is_alive_and_not_explained_is_named() {
        assert_eq!(
            refused(&tried(99, &[LEFT]), "", true),
            "no test catches, and .cargo/equivalent-mutants.txt does not explain:\n\
             src/pace.rs:15:5: replace poll_after_ms -> u64 with 1\n\
             write a test that tells each from the code, or delete the code that makes no difference"
        );
    }

    #[test]
    fn an_explained_mutant_may_live_wherever_its_file_and_its_line_go() {
        let list = "# It is 1.\npace.rs: replace poll_after_ms -> u64 with 1\n";
        let equivalent = equivalent(list).expect("a list");
        for mutant in [LEFT, "src/calls/pace.rs:99:1: replace poll_after_ms -> u64 with 1"] {
            tried(99, &[mutant]).judge(&equivalent, true).expect("it is explained");
        }
        assert!(
            refused(&tried(99, &["src/pace.rs:15:5: replace poll_after_ms -> u64 with 0"]), list, true)
                .contains("with 0")
        );
    }

    #[test]
    fn what_is_explained_and_yet_not_alive_is_named_where_all_were_tried() {
        let list = "# It is 1.\npace.rs: replace poll_after_ms -> u64 with 1\n";
        assert_eq!(
            refused(&tried(99, &[]), list, true),
            ".cargo/equivalent-mutants.txt explains what is not alive: remove it there\n\
             pace.rs: replace poll_after_ms -> u64 with 1"
        );
        tried(99, &[]).judge(&equivalent(list).expect("a list"), false).expect("others were tried");
    }

    #[test]
    fn more_than_one_in_twenty_is_too_many_even_if_each_is_explained() {
        let list = "# It is 1.\npace.rs: replace poll_after_ms -> u64 with 1\n";
        tried(19, &[LEFT]).judge(&equivalent(list).expect("a list"), true).expect("it is few enough");
        assert_eq!(
            refused(&tried(18, &[LEFT]), list, true),
            "1 of 19 mutants are alive, more than 5 %: the code says too much that makes no difference"
        );
    }

    #[test]
    fn a_mutant_without_a_reason_is_refused() {
        let list = "# A list.\n\n# It is 1.\npace.rs: one\n\npace.rs: other\n";
        assert_eq!(
            equivalent(list).expect_err("one has no reason").to_string(),
            ".cargo/equivalent-mutants.txt: `pace.rs: other` has no reason: write one above it, after a `#`"
        );
    }

    #[test]
    fn each_mutant_of_the_list_of_this_repository_is_explained() {
        equivalent(EQUIVALENT).expect("reasons");
    }

    #[test]
    fn what_cargo_mutants_leaves_is_counted_and_an_endless_test_has_noticed() {
        let folder = tempfile::tempdir().expect("there is room");
        for (file, lines) in
            [("caught.txt", "a\nb\n"), ("timeout.txt", "c\n"), ("missed.txt", "d\n"), ("unviable.txt", "")]
        {
            fs::write(folder.path().join(file), lines).expect("it is ours");
        }
        let tried = Tried::read(folder.path()).expect("all files are there");
        assert_eq!(tried.summary(), "4 mutants: 3 caught, 1 alive, 0 that do not compile");
    }
}
