//! What fuzzing has found, and what it starts from, as ordinary tests: every file of `tests/fuzz/corpus` against the
//! property that its folder is named after.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

#[path = "src/properties/mod.rs"]
mod properties;

fn listed(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn names(folder: &str) -> BTreeSet<String> {
    listed(folder).iter().map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

#[test]
fn what_was_kept_holds() {
    let mut broken = Vec::new();
    for (name, property) in properties::ALL {
        for file in listed(format!("corpus/{name}")) {
            let data = fs::read(&file).expect("a file");
            if catch_unwind(|| property(&data)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_property_has_its_target_and_a_corpus_and_none_is_left_over() {
    let properties: BTreeSet<String> = properties::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets"), properties);
    assert_eq!(names("corpus"), properties);
    for name in properties {
        let manifest = include_str!("Cargo.toml");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not in Cargo.toml");
        assert!(!listed(format!("corpus/{name}")).is_empty(), "the corpus of {name} is empty");
    }
}

/// A line of a script of [`properties`]'s `call`: pieces of what Stitch answers, put together in any way.
fn any_answer() -> impl Strategy<Value = String> {
    let pieces = [
        r#"{"data": ["#,
        "]}",
        r#"{"source_id": 7, "#,
        r#""job_name": "1.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d", "#,
        r#""job_name": "1.7.sync.e4d8eae6-b23e-11ea-94a1-02cbbd504f7d", "#,
        r#""completion_time": "2020-06-19T15:09:43Z", "#,
        r#""discovery_exit_status": 0, "#,
        r#""tap_exit_status": 0, "#,
        r#""tap_exit_status": null, "#,
        r#""target_exit_status": 0"#,
        "}",
        r#"{"name": "adwords", "stitch_client_id": 1}"#,
        r#"[{"selected": true, "stream_name": "ads"}]"#,
        r#"{"error": {"type": "already_running", "message": "TOKEN"}}"#,
        r#""TOKEN""#,
        "~",
    ];
    let row = pieces[0].to_owned() + &pieces[2..4].concat() + &pieces[5..8].concat() + pieces[9] + "}]}";
    let body = prop_oneof![
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..8).prop_map(|pieces| pieces.concat()),
        Just(row),
        Just(r#"{"job_name": "1.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d"}"#.to_owned()),
    ];
    let status = prop_oneof![4 => Just(200), 1 => 100_u16..1000];
    prop_oneof![
        8 => (status, body).prop_map(|(status, body)| format!("{status} {body}")),
        1 => prop::sample::select(&["reset", "refused", "denied"][..]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stitch_answers_and_the_network_does_the_calls_hold(answers in prop::collection::vec(any_answer(), 1..8)) {
        properties::hold("call", answers.join("\n").as_bytes());
    }
}
