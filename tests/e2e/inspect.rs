//! `inspect`: what is known of a component before anyone trusts it.

use serde_json::{Value, json};

use crate::artifact;
use crate::command_line::{Printed, spawned};

async fn inspect(path: &std::path::Path, options: &[&str]) -> Printed {
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

#[tokio::test]
async fn of_a_file_that_cannot_be_run_it_says_what_is_known_and_why() {
    let no_component = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
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
