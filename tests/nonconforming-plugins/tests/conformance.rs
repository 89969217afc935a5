//! Every check of the conformance suite can fail: each flaw fails the check that is about it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use host_harness::conformance::{Check, Conformance, Kit, examine};
use host_harness::{Host, Limits};
use serde_json::Value;
use tokio::task::JoinSet;

/// The components by their names.
fn plugins() -> &'static BTreeMap<String, PathBuf> {
    static PLUGINS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    PLUGINS.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--locked", "--examples", "--profile", "guest"]);
        cargo.args(["--target", "wasm32-wasip2", "--message-format=json-render-diagnostics"]);
        let output = cargo.stderr(Stdio::inherit()).output().expect("cargo runs");
        assert!(output.status.success(), "cargo could not build the plugins: run `cargo xtask setup` first");
        let messages = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
        let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let component = |artifact: Value| {
            let name = artifact["target"]["name"].as_str()?.to_owned();
            let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str).map(PathBuf::from);
            Some((name, files.into_iter().find(|file| file.extension().is_some_and(|end| end == "wasm"))?))
        };
        artifacts.filter_map(component).collect()
    })
}

async fn examined(plugin: &str) -> Conformance {
    let kit = Kit::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("kit")).expect("a kit");
    let host = Host::new(Limits::default()).expect("a host");
    let bytes = host.read(&plugins()[plugin]).expect("the plugin is read");
    examine(&host, &bytes, &kit).await.expect("an examination")
}

/// The checks that a plugin fails.
async fn failed(plugin: &str) -> Vec<Check> {
    let checks = examined(plugin).await.checks;
    checks.into_iter().filter(|checked| !checked.failures.is_empty()).map(|checked| checked.check).collect()
}

#[tokio::test]
async fn a_plugin_that_keeps_the_contract_passes_every_check_and_each_was_made() {
    let conformance = examined("keeps_the_contract").await;
    for checked in &conformance.checks {
        assert_eq!(checked.failures, [], "{}", checked.check);
        assert!(checked.times > 0, "{} was never made", checked.check);
    }
    assert!(conformance.passed());
    assert_eq!(conformance.plugin, Some(("acme-sync".to_owned(), "0.1.0".to_owned())));
}

const FLAWS: [(&str, Check); 17] = [
    ("hides_its_parameters", Check::KitComplete),
    ("describes_nothing", Check::DescribeComplete),
    ("changes_its_mind", Check::DescribePure),
    ("calls_home_to_describe", Check::DescribeOffline),
    ("takes_any_input", Check::InputChecked),
    ("takes_any_run", Check::RunChecked),
    ("refuses_unknown_fields", Check::UnknownIgnored),
    ("says_succeeded", Check::Situations),
    ("hides_the_reason", Check::ErrorsSpeak),
    ("keeps_the_run_in_memory", Check::RunPortable),
    ("polls_by_posting", Check::PollsRepeatable),
    ("asks_without_end", Check::RequestsBounded),
    ("takes_silence_for_failure", Check::AnswersSpoiled),
    ("starts_twice", Check::StartedOnce),
    ("tells_the_token", Check::SecretsKept),
    ("changes_the_token", Check::SecretsUntouched),
    ("calls_home", Check::OriginsKept),
];

#[tokio::test]
async fn each_flaw_fails_the_check_that_is_about_it() {
    // At once, since most of the time is waited for answers that never come.
    let mut examinations = JoinSet::new();
    for (plugin, check) in FLAWS {
        examinations.spawn(async move { (plugin, check, failed(plugin).await) });
    }
    while let Some(examination) = examinations.join_next().await {
        let (plugin, check, failed) = examination.expect("an examination");
        assert!(failed.contains(&check), "{plugin}: {failed:?}");
    }
}

#[test]
fn every_check_has_a_plugin_that_fails_it() {
    assert!(Check::ALL.iter().eq(FLAWS.iter().map(|(_, check)| check)));
    assert_eq!(plugins().len(), FLAWS.len() + 1);
}

#[tokio::test]
async fn a_failure_shows_the_exchange_that_tells_it() {
    let checks = examined("says_succeeded").await.checks;
    let checked = checks.into_iter().find(|checked| checked.check == Check::Situations).expect("the check");
    let failure = &checked.failures[0];
    assert_eq!(failure.place, "failed");
    assert_eq!(failure.message, "expected failed, found succeeded (ended)");
    assert_eq!(failure.exchanges, [r#"GET /jobs/7 -> 200 {"state": "failed"}"#]);
}
