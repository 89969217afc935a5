//! The page for people who embed a plugin without our host shows what the programs here run.

const PAGE: &str = include_str!("../../../docs/embedding-without-our-host.md");

/// The code blocks of the page in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences = PAGE.split("```").skip(1).step_by(2);
    fences.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn each_program_of_the_page_is_part_of_one_that_is_run() {
    let javascript = [include_str!("../node/call.mjs"), include_str!("../node/egress.mjs")].concat();
    let python = include_str!("../wasmtime-py/call.py");
    let shell = include_str!("../command-line/call.sh");
    for (language, program, number) in [("js", &*javascript, 2), ("python", python, 1), ("sh", shell, 1)] {
        let blocks = blocks(language);
        assert_eq!(blocks.len(), number, "{language}");
        for block in blocks {
            assert!(program.contains(block), "{block}");
        }
    }
}

#[test]
fn the_pinned_versions_are_those_of_the_page() {
    let packages: serde_json::Value = serde_json::from_str(include_str!("../node/package.json")).unwrap();
    for package in ["@bytecodealliance/jco", "@bytecodealliance/preview2-shim"] {
        let version = packages["dependencies"][package].as_str().unwrap();
        assert!(PAGE.contains(&format!("{package}@{version}")), "{package}");
    }
    for requirement in include_str!("../requirements.in").lines() {
        assert!(PAGE.contains(requirement), "{requirement}");
    }
}
