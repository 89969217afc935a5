use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context;

use super::interpreter::Interpreter;
use crate::shell::{self, Stdout};

/// What is installed comes from `PyPI`: some 40 MB, with Airflow 300 MB.
const LIMIT: Duration = Duration::from_mins(30);

/// A virtual environment, with the tools in the pinned versions.
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Sets it up in a folder of this name, or takes the one that has what is required. Hashes among the requirements are checked.
    pub(crate) fn set_up(interpreter: &Interpreter, folder: &Path, requirements: &Path) -> anyhow::Result<Self> {
        let environment = Self { folder: PathBuf::from(format!("{}-{}", folder.display(), interpreter.version())) };
        let required =
            fs::read_to_string(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
        let installed = environment.folder.join("requirements.txt");
        if fs::read_to_string(&installed).is_ok_and(|installed| installed == required) {
            return Ok(environment);
        }
        let mut venv = Command::new(&interpreter.program);
        venv.args(["-m", "venv", "--clear"]).arg(&environment.folder);
        shell::watch(&mut venv, Stdout::Shown, LIMIT)
            .context("a virtual environment cannot be made: on Debian, install the package python3-venv")?;
        let mut pip = environment.command("pip");
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        shell::watch(pip.arg(requirements), Stdout::Shown, LIMIT).context("PyPI's packages cannot be installed")?;
        // Last: where it is there, so is all else.
        fs::write(&installed, required).with_context(|| format!("cannot write {}", installed.display()))?;
        Ok(environment)
    }

    /// One of its programs. Where the packages' sources lie is not on its path.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join("bin").join(program));
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
        command
    }

    /// Installs a wheel, or a package's folder, in the place of an earlier one.
    pub(super) fn install(&self, package: &Path) -> anyhow::Result<()> {
        let mut pip = self.command("pip");
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--force-reinstall"]);
        shell::watch(pip.arg("--no-build-isolation").arg(package), Stdout::Shown, LIMIT).map(drop)
    }
}
