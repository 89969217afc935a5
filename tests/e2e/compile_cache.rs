//! The compile cache of the command line.

use std::fs;
use std::path::{Path, PathBuf};

use stitch_simulator::Plan;

use crate::command_line::{CommandLine, Printed};

/// A folder of this name that is not there yet.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compile-cache-{name}"));
    _ = fs::remove_dir_all(&folder);
    folder
}

/// Checks with this cache, and says what the log tells of loading the plugin.
async fn checked(command_line: &CommandLine, cache: &str) -> (Printed, String) {
    let printed = command_line.call("check", &["--log", "info", "--cache", cache]).await;
    let loading = |line: &&str| line.contains("load{") && line.contains(": close");
    let loading = printed.stderr.lines().find(loading).expect("loading is told").to_owned();
    (printed, loading)
}

#[tokio::test]
async fn a_plugin_is_compiled_by_the_first_command_and_loaded_by_the_second() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let folder = folder("shared");
    let cache = folder.to_str().expect("UTF-8");
    let (first, compiled) = checked(&command_line, cache).await;
    let (second, loaded) = checked(&command_line, cache).await;
    assert!(compiled.contains("cache.hit=false") && loaded.contains("cache.hit=true"), "{compiled}\n{loaded}");
    assert_eq!((first.code, first.stdout), (Some(0), second.stdout));
    assert_eq!(fs::read_dir(&folder).expect("the cache").count(), 1);
}

#[tokio::test]
async fn an_entry_that_was_damaged_is_told_and_replaced() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let folder = folder("damaged");
    let cache = folder.to_str().expect("UTF-8");
    checked(&command_line, cache).await;
    let entry = fs::read_dir(&folder).expect("the cache").next().expect("an entry").expect("an entry").path();
    let whole = fs::read(&entry).expect("an entry");
    fs::write(&entry, &whole[..whole.len() / 2]).expect("it is cut");
    let (printed, loading) = checked(&command_line, cache).await;
    assert!(loading.contains("cache.hit=false"), "{loading}");
    assert!(printed.stderr.contains("is not used: its digest does not hold"), "{}", printed.stderr);
    assert_eq!((printed.code, fs::read(&entry).expect("an entry")), (Some(0), whole));
}

#[tokio::test]
async fn without_a_cache_nothing_is_written_and_a_folder_that_cannot_be_used_is_told() {
    let command_line = CommandLine::planned(Plan::succeeds()).await;
    let (printed, loading) = checked(&command_line, "off").await;
    assert!(printed.code == Some(0) && loading.contains("cache.hit=false"), "{loading}");
    assert!(!Path::new("off").exists());
    let (printed, _) = checked(&command_line, "/dev/null/cache").await;
    assert_eq!(printed.code, Some(0));
    let warning = "warning: the compile cache /dev/null/cache cannot be used: ";
    assert!(printed.stderr.contains(warning), "{}", printed.stderr);
}
