//! `inspect`: what is known of a component before anyone trusts it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wasm_encoder::{ComponentSection, CustomSection};

use crate::artifact;
use crate::command_line::{Printed, spawned};

async fn inspect(path: &Path, options: &[&str]) -> Printed {
    let mut program = artifact::host_harness();
    program.arg("inspect").arg(path).args(options);
    spawned(program, String::new()).await
}

#[tokio::test]
async fn a_plugin_is_taken_apart_without_being_granted_anything() {
    let printed = inspect(artifact::plugin(), &["--output", "json"]).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let document = printed.json();
    assert_eq!(document["descriptor"]["origins"], json!(["https://api.stitchdata.com"]));
    assert_eq!(document["sha256"].as_str().map(str::len), Some(64));
    let imports = document["anatomy"]["imports"].as_array().expect("imports");
    assert!(imports.iter().all(|import| import["offered"] == true), "{imports:?}");
    for (weight, most) in [("weight", 1_000_000), ("validation", 1_000_000)] {
        let found = document["anatomy"][weight].as_u64().expect(weight);
        assert!(found < most, "{weight} {found}: leave room below what hosts accept");
    }
}

#[tokio::test]
async fn for_people_it_says_what_each_import_and_export_is_for() {
    let printed = inspect(artifact::plugin(), &[]).await;
    for line in [
        "  orchestrator:plugin/task@0.1.0: describe, trigger, poll\n",
        "  orchestrator:plugin/cancellation@0.1.0: cancel\n",
        ": sends requests, only to origins that it is granted\n",
        "wants to reach https://api.stitchdata.com\n",
    ] {
        assert!(printed.stdout.contains(line), "{line}{}", printed.stdout);
    }
}

/// A copy of the plugin with custom sections of these bytes at its end.
fn labelled(file: &str, sections: &[(&str, &[u8])]) -> PathBuf {
    let mut component = std::fs::read(artifact::plugin()).expect("the component is readable");
    for (name, data) in sections {
        CustomSection { name: (*name).into(), data: (*data).into() }.append_to_component(&mut component);
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&file, component).expect("there is room");
    file
}

#[tokio::test]
async fn its_metadata_is_shown_as_its_author_wrote_it() {
    let file = labelled("labelled.wasm", &[("version", b"0.1.0"), ("licenses", b"MIT OR Apache-2.0")]);
    let printed = inspect(&file, &["--output", "json"]).await;
    let metadata = &printed.json()["anatomy"]["metadata"];
    assert_eq!((&metadata["version"], &metadata["licenses"]), (&json!("0.1.0"), &json!("MIT OR Apache-2.0")));
    let printed = inspect(&file, &[]).await;
    assert!(printed.stdout.contains("\nmetadata, as its author wrote it\n"), "{}", printed.stdout);
    assert!(printed.stdout.contains("  licenses: MIT OR Apache-2.0\n"), "{}", printed.stdout);
}

#[tokio::test]
async fn odd_metadata_neither_drives_the_terminal_nor_passes_for_words_of_the_host() {
    let forged = "x\nsha-256 of a trusted file\u{1b}[2J\u{202e}".as_bytes();
    let file = labelled("odd.wasm", &[("authors", forged), ("source", b"\xff"), ("description", &vec![b'a'; 1 << 20])]);
    let printed = inspect(&file, &[]).await;
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let line = "  authors: x sha-256 of a trusted file\u{fffd}[2J\u{fffd}\n";
    assert!(printed.stdout.contains(line), "{}", printed.stdout);
    assert!(printed.stdout.contains("  source: \u{fffd}\n"), "{}", printed.stdout);
    assert!(printed.stdout.len() < 10_000, "{} bytes", printed.stdout.len());
    let printed = inspect(&file, &["--output", "json"]).await;
    assert!(!printed.stdout.contains(['\u{1b}', '\u{202e}']), "{}", printed.stdout);
}

#[tokio::test]
async fn of_a_file_that_cannot_be_run_it_says_what_is_known_and_why() {
    let no_component = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let printed = inspect(no_component, &["--output", "json"]).await;
    assert_eq!(printed.code, Some(3));
    let document = printed.json();
    assert_eq!((&document["anatomy"], &document["descriptor"]), (&Value::Null, &Value::Null));
    assert!(document["bytes"].as_u64() > Some(0));
    assert_eq!(document["error"]["code"], "not_loaded");
    let printed = inspect(no_component, &[]).await;
    assert!(printed.stdout.contains("sha-256 "), "{}", printed.stdout);
    assert!(printed.stderr.ends_with("is not a plugin that can be run here: it is not a WebAssembly component\n"));
}
