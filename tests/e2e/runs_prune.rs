//! `runs prune`: deletes runs that ended long ago, and nothing else.

use std::path::{Path, PathBuf};

use host_harness::store::{Outcome, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::artifact;
use crate::command_line::{Printed, spawned};

/// A store with runs that ended this many days ago, and one that has not ended.
fn store(name: &str, days: &[i64]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("prune-{name}"));
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("runs.db");
    let mut store = Store::open(&path).expect("a store");
    for days in days {
        let then = Timestamp::now() - SignedDuration::from_hours(24 * days);
        let (id, _lock) = store.begin("nightly", "nightly.toml", "", &[], then).expect("a run");
        store.pipeline_ended(id, Outcome::Succeeded, then).expect("it ends");
    }
    store.begin("nightly", "nightly.toml", "", &[], Timestamp::UNIX_EPOCH).expect("a run");
    path
}

async fn pruned(store: &Path, options: &[&str]) -> Printed {
    let mut program = artifact::host_harness();
    program.args(["runs", "prune", "--store"]).arg(store).args(options);
    spawned(program, String::new()).await
}

fn ids(store: &Path) -> Vec<i64> {
    let store = Store::open_to_read(store).expect("the store");
    store.all().expect("its runs").into_iter().map(|id| id.0).collect()
}

#[tokio::test]
async fn runs_that_ended_long_ago_are_deleted_and_how_many_is_told() {
    let store = store("told", &[40, 31, 29]);
    let rehearsed = pruned(&store, &["--older-than", "30d", "--dry-run"]).await;
    assert!(rehearsed.stdout.starts_with("would delete 2 runs that ended before "), "{}", rehearsed.stdout);
    assert_eq!((rehearsed.code, ids(&store)), (Some(0), vec![4, 3, 2, 1]));
    let deleted = pruned(&store, &["--older-than", "30d", "--output", "json"]).await;
    assert_eq!(deleted.code, Some(0), "{}", deleted.stderr);
    let mut document = deleted.json();
    document.as_object_mut().expect("an object").remove("ended_before");
    assert_eq!(document, json!({"deleted": [1, 2], "held": [], "dry_run": false}));
    assert_eq!(ids(&store), [4, 3]);
    let again = pruned(&store, &["--older-than", "30d"]).await;
    assert!(again.stdout.starts_with("deleted 0 runs that ended before "), "{}", again.stdout);
}

#[tokio::test]
async fn an_age_that_is_absurd_or_missing_deletes_nothing_and_says_what_to_write() {
    let store = store("absurd", &[40]);
    let cases: [(&[&str], &str); 4] = [
        (&["--older-than", "0s"], "invalid value '0s' for '--older-than <TIME>': write a time from 1m to 36500d"),
        (
            &["--older-than", "900000y"],
            "invalid value '900000y' for '--older-than <TIME>': write a time from 1m to 36500d",
        ),
        (
            &["--older-than", "30"],
            "invalid value '30' for '--older-than <TIME>': time unit needed, for example 30sec or 30ms",
        ),
        (&[], "--older-than <TIME>"),
    ];
    for (options, told) in cases {
        let refused = pruned(&store, options).await;
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
    assert_eq!(ids(&store), [2, 1]);
}

#[tokio::test]
async fn a_store_that_is_not_there_is_told_and_not_made() {
    let missing = store("missing", &[]).with_file_name("other.db");
    let refused = pruned(&missing, &["--older-than", "30d"]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("there is no store "), "{}", refused.stderr);
    assert!(!missing.exists());
}
