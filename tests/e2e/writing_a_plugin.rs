//! The guide to writing a plugin, followed word for word, and the plugins that `new-plugin` makes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use host_harness::conformance::Check;

use plugin_tests::compile_cache::FOLDER;

use crate::artifact::host_harness_path;

const PAGE: &str = include_str!("../../docs/writing-a-plugin.md");

/// The excerpts of the guide, each with the path of its file, and its commands, in order.
fn read() -> (Vec<(String, String)>, Vec<String>) {
    let (mut excerpts, mut commands) = (Vec::new(), Vec::new());
    let mut parts = PAGE.split("```");
    while let (Some(prose), block) = (parts.next(), parts.next()) {
        let last = prose.trim_end().lines().last().unwrap_or_default();
        let path = last.strip_prefix('`').and_then(|path| path.strip_suffix("`:"));
        let Some((language, text)) = block.and_then(|block| block.split_once('\n')) else { break };
        match (path, language) {
            (Some(path), _) => excerpts.push((path.to_owned(), text.to_owned())),
            (None, "sh") => commands.extend(text.lines().map(str::to_owned)),
            (None, _) => {}
        }
    }
    (excerpts, commands)
}

/// The folder that the guide begins in, beside this repository as `contract`.
fn beginning(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_MANIFEST_DIR"), folder.join("contract")).expect("a link");
    folder
}

/// Runs a command of a plugin's author, with every warning denied, and returns what it prints.
fn run(command: &str, folder: &Path) -> String {
    let programs = host_harness_path().parent().expect("the program lies in a folder");
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs.to_owned()].into_iter().chain(env::split_paths(&path))).expect("a path");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).env("PATH", &path);
    shell.env("RUSTFLAGS", "-D warnings").env("CARGO_NET_OFFLINE", "true").env("HOST_HARNESS_CACHE", FOLDER);
    // It builds where the guide says, whatever this repository does.
    shell.env_remove("CARGO_TARGET_DIR");
    let output = shell.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Prepares a new plugin's folder: nothing has to be fetched, and what both tests build is built once.
fn prepare(folder: &Path) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a copy");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-plugins");
    fs::create_dir_all(&built).expect("a folder");
    std::os::unix::fs::symlink(built, folder.join("target")).expect("a link");
}

fn all_passed() -> String {
    format!("all {} checks passed", Check::ALL.len())
}

#[test]
fn the_page_leads_from_an_empty_folder_to_a_plugin_that_passes_every_check() {
    let (excerpts, commands) = read();
    let mut folder = beginning("writing-a-plugin");
    let mut said = String::new();
    for command in commands {
        match command.strip_prefix("cd ") {
            Some(made) => {
                folder.push(made);
                prepare(&folder);
            }
            None => said = run(&command, &folder),
        }
    }
    assert!(said.trim_end().ends_with(&all_passed()), "{said}");
    assert!(PAGE.contains(&all_passed()));
    assert!(excerpts.len() >= 5, "{excerpts:?}");
    for (path, excerpt) in excerpts {
        let text = fs::read_to_string(folder.join(&path)).expect("a file of the plugin");
        assert!(text.contains(&excerpt), "{path} does not hold this:\n{excerpt}");
    }
}

#[test]
fn a_new_plugin_with_every_interface_passes_its_own_tests_and_every_check() {
    let folder = beginning("new-plugin");
    run("host-harness new-plugin data-hub --with batch,cancel,check,settle --plugin-guest contract/guest", &folder);
    let folder = folder.join("data-hub");
    prepare(&folder);
    run("cargo test", &folder);
    run("cargo build --release --target wasm32-wasip2", &folder);
    let component = "target/wasm32-wasip2/release/data_hub_plugin.wasm";
    let said = run(&format!("host-harness conformance --plugin {component} --kit kit"), &folder);
    assert!(said.trim_end().ends_with(&all_passed()), "{said}");
    let excused = said.lines().filter(|line| line.contains("(not made:")).collect::<Vec<_>>();
    assert!(excused.is_empty(), "{excused:?}");
}

#[test]
fn a_new_plugin_takes_the_place_of_nothing() {
    let folder = beginning("taken");
    let output = |name: &str| {
        let mut program = Command::new(host_harness_path());
        let output = program.args(["new-plugin", name]).current_dir(&folder).output().expect("the program");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let taken = "error: contract is there already: choose another name\n".to_owned();
    assert_eq!(output("contract"), (Some(2), taken));
    let (code, said) = output("../elsewhere");
    assert_eq!(code, Some(2));
    assert!(said.contains("a name is words of small letters and digits"), "{said}");
}
