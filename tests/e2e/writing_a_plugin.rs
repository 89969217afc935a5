//! The guide to writing a plugin, followed word for word.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use host_harness::conformance::Check;

use plugin_tests::compile_cache::FOLDER;

use crate::artifact::host_harness_path;

const PAGE: &str = include_str!("../../docs/writing-a-plugin.md");

/// The files of the guide, by their paths, and its commands, in order.
fn read() -> (BTreeMap<String, String>, Vec<String>) {
    let (mut files, mut commands) = (BTreeMap::new(), Vec::new());
    let mut named = None;
    let mut parts = PAGE.split("```");
    while let (Some(prose), block) = (parts.next(), parts.next()) {
        let last = prose.trim_end().lines().last().unwrap_or_default();
        if let Some(path) = last.strip_prefix('`').and_then(|path| path.strip_suffix("`:")) {
            named = Some(path.to_owned());
        }
        let Some((language, text)) = block.and_then(|block| block.split_once('\n')) else { break };
        match (named.take(), language) {
            (Some(path), _) => drop(files.insert(path, text.to_owned())),
            (None, "sh") => commands.extend(text.lines().map(str::to_owned)),
            (None, _) => {}
        }
    }
    (files, commands)
}

/// The folder of the new plugin, beside this repository as `contract`.
fn folder() -> PathBuf {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("writing-a-plugin");
    let folder = beside.join("acme");
    // Earlier builds there are kept, since they take long.
    for part in ["src", "kit"] {
        _ = fs::remove_dir_all(folder.join(part));
        fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    _ = fs::remove_file(beside.join("contract"));
    std::os::unix::fs::symlink(env!("CARGO_MANIFEST_DIR"), beside.join("contract")).expect("a link");
    // So that nothing has to be fetched.
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), folder.join("Cargo.lock")).expect("a copy");
    folder
}

#[test]
fn the_page_leads_from_an_empty_folder_to_a_plugin_that_passes_every_check() {
    let (files, commands) = read();
    let folder = folder();
    for (path, text) in &files {
        fs::write(folder.join(path), text).expect("the file is written");
    }
    let programs = host_harness_path().parent().expect("the program lies in a folder");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs.to_owned()].into_iter().chain(env::split_paths(&path))).expect("a path");
    let mut said = String::new();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &command])
            .current_dir(&folder)
            .env("PATH", &path)
            .env("CARGO_NET_OFFLINE", "true")
            .env("HOST_HARNESS_CACHE", FOLDER);
        // It builds where the guide says, whatever this repository does.
        shell.env_remove("CARGO_TARGET_DIR");
        let output = shell.output().expect("a shell");
        said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let all = format!("all {} checks passed", Check::ALL.len());
    assert!(said.trim_end().ends_with(&all), "{said}");
    assert!(PAGE.contains(&all));
}
