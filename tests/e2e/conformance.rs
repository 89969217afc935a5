//! The plugin conforms to the contract, by the conformance suite and its own kit.

use std::fs;
use std::path::{Path, PathBuf};

use host_harness::conformance::Kit;
use plugin_tests::conformance::assert_passes_every_check;
use serde_json::Value;

use crate::artifact::{host_harness, plugin};

const KIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kit");

#[tokio::test]
async fn it_passes_every_check() {
    assert_passes_every_check(plugin(), Path::new(KIT)).await;
}

/// The command's output and exit code.
fn examined(output: &str, kit: &Path) -> (String, Option<i32>) {
    let mut command = host_harness();
    command.args(["conformance", "--output", output, "--plugin"]).arg(plugin()).arg("--kit").arg(kit);
    let output = command.output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).expect("it speaks UTF-8"), output.status.code())
}

/// A kit with the wrong verdict for a failed job, so that the plugin fails, and without what should follow its polls.
fn wrong_kit() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong-kit");
    let text = fs::read_to_string(Path::new(KIT).join(Kit::FILE)).expect("the kit");
    let start = text.find("# --- stopping").expect("the kit has its parts");
    let text = text[..start].replace(r#"result = "failed""#, r#"result = "succeeded""#);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(Kit::FILE), text).expect("the kit is written");
    folder
}

#[test]
fn a_failed_check_is_told_with_the_exchange_for_people_programs_and_continuous_integration() {
    let kit = wrong_kit();
    let (text, code) = examined("text", &kit);
    assert_eq!(code, Some(1), "{text}");
    let lines: Vec<_> = text.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("FAILED  situations ")).expect("the failed check");
    assert!(lines[at + 1].starts_with("        failed: expected succeeded, found failed (source 120643: "), "{text}");
    assert!(lines[at + 2].starts_with("          GET /v4/116078/extractions?page=1 -> 200 {\"data\": "), "{text}");
    assert!(!text.contains("made-up-access-token"), "{text}");

    let (text, code) = examined("json", &kit);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, &document["passed"]), (Some(1), &false.into()));
    let failed = document["checks"].as_array().expect("checks").iter().filter(|check| check["passed"] == false);
    let failed: Vec<_> = failed.map(|check| check["name"].as_str().unwrap_or_default()).collect();
    // Another process has polled its runs all the same.
    assert_eq!(failed, ["kit-complete", "situations", "ended-untouched"]);

    let (text, code) = examined("junit", &kit);
    assert_eq!(code, Some(1));
    assert!(text.contains(r#"<testcase name="situations">"#) && text.contains("<failure message="), "{text}");
}

#[test]
fn a_kit_that_is_none_is_a_usage_error_that_names_its_file() {
    let (text, code) = examined("text", Path::new("/nowhere"));
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: the kit /nowhere/kit.toml cannot be read: No such file"), "{text}");
}
