//! Every promise of `SECURITY.md` has tests behind it that are there.

use std::fs;
use std::path::Path;

/// The links of a line of Markdown whose text is code, as text and target.
fn links(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split("[`").skip(1).filter_map(|rest| {
        let (text, rest) = rest.split_once("`](")?;
        Some((text, rest.split_once(')')?.0))
    })
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
    let table = page.lines().skip_while(|line| *line != "| promise | tests |").skip(2);
    let promises: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
    assert!(promises.len() > 10, "{promises:#?}");
    for promise in promises {
        assert!(links(promise).next().is_some(), "no test stands behind: {promise}");
        for (test, file) in links(promise) {
            let source = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            // In a file of tests, what nobody calls would be an error of the compiler.
            assert!(source.contains(&format!("fn {test}(")), "{file} has no test {test}");
        }
    }
}
