//! No guest is without a test, and no test without its guest.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::artifact;

/// The names of the files in a folder, without their endings.
fn names(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

/// Each test and the source from its name to the next one's.
fn tests(source: &str) -> Vec<(&str, &str)> {
    let tests = source.split("test]\n").skip(1).filter_map(|rest| {
        let (_, rest) = rest.split_once("fn ")?;
        rest.split_once('(')
    });
    tests.collect()
}

#[test]
fn every_guest_has_a_test_and_every_test_its_guest() {
    let guests = names(&artifact::sources());
    let mut without = guests.clone();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    for file in names(&folder).into_iter().filter(|name| name != "pack") {
        let source = fs::read_to_string(folder.join(&file).with_extension("rs")).expect("a source");
        for (test, body) in tests(&source) {
            let names_it = |guest: &&String| test.starts_with(&format!("{guest}_"));
            let guest = guests.iter().filter(names_it).max_by_key(|guest| guest.len());
            let guest = guest.unwrap_or_else(|| panic!("{file}::{test} is of no guest"));
            assert!(body.contains(&format!("\"{guest}\"")), "{file}::{test} runs another guest than {guest}");
            without.remove(guest);
        }
    }
    assert_eq!(without, BTreeSet::new(), "guests without a test");
}
