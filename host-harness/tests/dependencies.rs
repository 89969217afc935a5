//! The folders of `src/` depend on each other in one direction.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders, each after all that it may use.
const FOLDERS: [&str; 12] = [
    "spans",
    "limits",
    "contract",
    "secrets",
    "inputs",
    "component",
    "egress",
    "engine",
    "document",
    "watch",
    "store",
    "pipeline",
];

/// What stands beside the order: it may use all of the first eight, and nothing uses it.
const APART: &str = "conformance";

/// The names that lib.rs exports, and the folder that each is of.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let uses = lib.split("pub use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(path, _)| path);
    uses.flat_map(|path| {
        let (from, names) = path.rsplit_once("::").expect("a path");
        let folder = from.split("::").next().expect("a folder").to_owned();
        let names = names.trim_matches(['{', '}']).split(',').map(|name| name.trim().to_owned());
        names.map(move |name| (name, folder.clone())).collect::<Vec<_>>()
    })
    .collect()
}

/// The code of a file, without comments and without its tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a file");
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first names after `crate::`, those of a group apart.
fn used(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').map(|one| word(one.trim())).collect(),
            None => vec![word(rest)],
        })
        .filter(|name| !name.is_empty())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    if !folder.exists() {
        return vec![folder.with_extension("rs")];
    }
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.to_string_lossy().contains("_tests"))
        .collect()
}

#[test]
fn no_folder_uses_one_that_comes_after_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let exports = exports(&code(&src.join("lib.rs")));
    let all = || FOLDERS.into_iter().chain([APART]);
    let mut uses = 0;
    for folder in all() {
        let allowed: Vec<_> = match FOLDERS.iter().position(|one| *one == folder) {
            Some(index) => FOLDERS[..=index].to_vec(),
            None => FOLDERS[..8].iter().copied().chain([APART]).collect(),
        };
        for file in files(&src.join(folder)) {
            for name in used(&code(&file)) {
                let target = all().find(|one| *one == name).or_else(|| exports.get(&name).map(String::as_str));
                let target = target.unwrap_or_else(|| panic!("{}: crate::{name} is of no folder", file.display()));
                assert!(allowed.contains(&target), "{} uses {name} of {target}", file.display());
                uses += usize::from(target != folder);
            }
        }
    }
    assert!(uses > 100, "{uses} uses were found: is the test still reading the files?");
    let found: Vec<_> = fs::read_dir(&src).expect("src").map(|entry| entry.expect("an entry").file_name()).collect();
    for name in found {
        let name = name.to_string_lossy().into_owned();
        assert!(
            name == "lib.rs" || all().any(|one| one == name.trim_end_matches(".rs")),
            "{name} is not among the folders of this test"
        );
    }
}
