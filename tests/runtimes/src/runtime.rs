use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use crate::call::Call;
use crate::{answer, wave};

/// A runtime that is not ours, as a program that makes one call.
#[derive(Debug, Deserialize)]
pub(crate) struct Runtime {
    pub(crate) name: String,
    command: Vec<String>,
    values: Values,
    /// Whether requests leave only for the origins in the variable `GRANTED_ORIGINS`.
    pub(crate) has_egress_policy: bool,
}

/// What arguments and answers are written in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Values {
    Json,
    Wave,
}

/// The longest time for a call, after which its process is killed. Those of Node and of the command line end it by themselves before.
const LIMIT: Duration = Duration::from_secs(15);

impl Runtime {
    /// Makes a call, with this origin granted. None where the call was ended before there was an answer.
    pub(crate) async fn call(&self, call: &Call, origin: &str) -> anyhow::Result<Option<Value>> {
        let (program, arguments) = self.command.split_first().context("a runtime without a command")?;
        let mut command = Command::new(program);
        command.args(arguments).env("GRANTED_ORIGINS", origin).stdin(Stdio::null()).kill_on_drop(true);
        match self.values {
            Values::Json => command.args(call.function.path()).arg(call.json().to_string()),
            Values::Wave => command.arg(wave::call(call)),
        };
        let Ok(output) = tokio::time::timeout(LIMIT, command.output()).await else { return Ok(None) };
        let output = output.with_context(|| format!("cannot start {program}"))?;
        if !output.status.success() {
            // A trap, too: our host calls both an answer that was lost.
            eprintln!("{}: no answer: {}", self.name, last_line(&output.stderr));
            return Ok(None);
        }
        let text = String::from_utf8(output.stdout)?;
        let value = match self.values {
            Values::Json => serde_json::from_str(&text).ok(),
            Values::Wave => wave::parse(&text),
        };
        let Some(value) = value else { bail!("{}: not an answer: {text}", self.name) };
        Ok(Some(answer::normal(value)))
    }
}

fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines = text.lines().filter(|line| line.contains("rror")).map(str::trim);
    lines.next().unwrap_or("its time was up").to_owned()
}
