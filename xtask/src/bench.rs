//! The figures of README.md: what is measured is built optimised, and measured beside what it would be compared with.

use std::path::Path;
use std::process::Command;

use crate::artifact::{Artifacts, BUILD_LIMIT};
use crate::shell;
use crate::{component, python, set_up};

/// The packages of the Python that a check is compared with.
const REQUIREMENTS: &str = "tests/bench/requirements.txt";

/// Sets up, builds and measures. What follows `bench` goes to the program in `tests/bench`, but for `--python-plugin FILE`.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let mut figures = build(&["--release", "--locked", "--package", "figures", "--package", "host-harness-cli"])?;
    figures.env("HOSTILE_PLUGINS", component::build_hostile()?);
    match python::with_packages("figures", Path::new(REQUIREMENTS)) {
        Ok(python) => _ = figures.env("PYTHON", python),
        Err(error) => eprintln!("there is no Python with requests to compare with: {error:#}"),
    }
    let names = match arguments {
        ["--python-plugin", file, names @ ..] => {
            figures.env("PYTHON_PLUGIN", file);
            names
        }
        names => names,
    };
    shell::hand_over(figures.args(names))
}

/// The program in `tests/bench`, built with these options, and told what it measures.
fn build(options: &[&str]) -> anyhow::Result<Command> {
    set_up::set_up()?;
    let plugin = component::build()?;
    let mut cargo = shell::cargo();
    cargo.arg("build").args(options).args(["--bench", "figures", "--bin", "host-harness"]);
    let built = Artifacts::build(&mut cargo, BUILD_LIMIT)?;
    let mut figures = Command::new(built.program("figures")?);
    figures.env("STITCH_PLUGIN", plugin).env("HOST_HARNESS", built.program("host-harness")?);
    Ok(figures)
}
