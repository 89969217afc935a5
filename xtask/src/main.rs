//! The chores of this repository. `cargo xtask` alone lists them.
//!
//! Deciding is pure and tested (what apt is told, what cargo answered, whether a verdict is the expected one); running
//! commands is one seam, [`shell`].

#![allow(clippy::print_stdout, reason = "a program for people at a terminal: talking is what it does")]

use std::{env, process::ExitCode};

mod api;
mod artifact;
mod bench;
mod build_std;
mod component;
mod contract;
mod debian;
mod demo;
mod install;
mod metadata;
mod mutants;
mod python;
mod runtimes;
mod rustup;
mod set_up;
mod shell;
mod test;
mod toolchain;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo     set up, build, and run Stitch syncs of every kind against a simulator
  test     set up, and run all tests; what follows `test` goes to cargo test
  bench    set up, build optimised, and measure the figures of README.md; `bench poll` measures some; `--python-plugin FILE` measures
           a plugin that was made of Python, too
  mutants  set up, and change the code that decides, mutant by mutant, to see whether its tests notice (long); what follows
           `mutants` goes to cargo mutants, such as `-p plugin-guest` or `-p stitch-plugin --re page_search`
  api      set up, and compare the public API of the host's library with its list; `api --write` writes the list
  python   set up, build the wheel of `python/`, and run ruff, mypy and the tests; what follows `python` goes to pytest
  airflow  the same for the packages for Airflow, beside an Airflow of their own from PyPI, and show what became of a demo's
           tasks; `airflow -m slow` kills the processes of a real Airflow and measures 500 deferred syncs
  python-plugin  set up, check the library for plugins in Python and the plugin for dbt Cloud, build its component, and run their
           tests; what follows goes to pytest
  setup    get what the builds need and Rust does not bring: the target wasm32-wasip2
  plugin   set up, build the plugin and print where its component lies
  contract write the contract's binary WIT package and print where it lies
  runtimes set up, and compare what the plugin answers in Node, in wasmtime-py and in the wasmtime command line with what it
           answers in our host; `runtimes node` runs one of `node`, `python` and `command-line`
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["demo"] => demo::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["mutants", rest @ ..] => mutants::run(rest),
        ["api"] => api::compare(),
        ["api", "--write"] => api::write(),
        ["airflow", rest @ ..] => python::airflow(rest),
        ["python-plugin", rest @ ..] => python::plugin::run(rest),
        ["python", rest @ ..] => python::run(rest),
        ["setup"] => set_up::set_up().map(|found| println!("{found}")),
        ["plugin"] => component::set_up_and_build().map(|component| println!("{}", component.display())),
        ["contract"] => contract::write().map(|package| println!("{}", package.display())),
        ["runtimes", rest @ ..] => runtimes::run(rest),
        ["test", rest @ ..] => test::run(rest),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprint!("not a command: {}\n\n{USAGE}", other.join(" "));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
