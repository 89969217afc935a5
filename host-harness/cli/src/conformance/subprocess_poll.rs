//! Polls in a subprocess: this program again, so that nothing is shared but the run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use host_harness::conformance::{Errand, RemotePoll, Summary};
use host_harness::contract::NamedValue;
use host_harness::{Limit, Limits, Plugin};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::cache::{self, CacheArgs};

/// The timeout of the subprocess, which has to load the plugin.
const PATIENCE: Duration = Duration::from_mins(2);

/// Polls by running `host-harness poll`.
#[derive(Clone, Debug)]
pub(super) struct SubprocessPoll {
    pub(super) plugin: PathBuf,
    pub(super) limits: Limits,
    pub(super) cache: CacheArgs,
}

impl RemotePoll for SubprocessPoll {
    async fn answer(&self, _: &Plugin, errand: Errand) -> Result<Summary, String> {
        let mut command = tokio::process::Command::from(self.command(&errand)?);
        let asked = async {
            let mut process = command.kill_on_drop(true).spawn()?;
            if let Some(mut input) = process.stdin.take() {
                // A subprocess that does not read its input reports why.
                _ = input.write_all(json!({ "run": errand.run }).to_string().as_bytes()).await;
            }
            process.wait_with_output().await
        };
        let output = tokio::time::timeout(PATIENCE, asked).await;
        let output = output.map_err(|_| "it did not end within two minutes".to_owned())?;
        let output = output.map_err(|error| error.to_string())?;
        let document = serde_json::from_slice(&output.stdout).ok().and_then(|document| summary(&document));
        document.ok_or_else(|| {
            let said = [output.stdout, output.stderr].concat();
            format!("{}: {}", output.status, String::from_utf8_lossy(&said).trim())
        })
    }
}

impl SubprocessPoll {
    /// The command. Secrets go through the environment.
    fn command(&self, errand: &Errand) -> Result<Command, String> {
        let mut command = Command::new(program()?);
        command.args(["poll", "--output", "json", "--run", "-", "--allow-internal", &errand.server]);
        let mut plugin = OsString::from("--plugin=");
        plugin.push(&self.plugin);
        command.arg(plugin);
        let values = |flag: &'static str, values: &[NamedValue]| -> Vec<String> {
            values.iter().flat_map(|named| [flag.to_owned(), format!("{}={}", named.name, named.value)]).collect()
        };
        command.args(values("--connection", &errand.arguments.connection));
        command.args(values("--param", &errand.arguments.parameters));
        for (at, (name, secret)) in errand.secrets.iter().enumerate() {
            let variable = format!("HOST_HARNESS_SECRET_OF_THE_KIT_{at}");
            command.arg("--secret").arg(format!("{name}=env:{variable}")).env(variable, secret.expose());
        }
        if errand.arguments.exposed().next().is_some() {
            command.arg("--expose-secrets");
        }
        for limit in Limit::ALL.into_iter().filter(|limit| self.limits.value(*limit) != Limits::default().value(*limit))
        {
            command.arg("--limit").arg(format!("{}={}", limit.name(), self.limits.value(limit)));
        }
        if let Some(folder) = &self.cache.cache {
            command.env(cache::VARIABLE, folder);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }
}

/// This program, even if its file has been replaced meanwhile.
fn program() -> Result<PathBuf, String> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe().map_err(|error| error.to_string())
}

/// The summary of what `poll` printed, by docs/output.md.
fn summary(document: &Value) -> Option<Summary> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(error) = document.get("error") {
        return Some(Summary { result: text(&error["kind"])?, code: text(&error["code"]), steps: Vec::new() });
    }
    let result = document.get("verdict")?.as_str().unwrap_or("running").to_owned();
    let step = |step: &Value| Some((text(&step["name"])?, text(&step["status"])?));
    let steps = document["steps"].as_array()?.iter().map(step).collect::<Option<_>>()?;
    Some(Summary { result, code: None, steps })
}

#[cfg(test)]
mod tests {
    use host_harness::contract::Value as Named;
    use host_harness::{Arguments, Secret};

    use super::*;

    #[test]
    fn what_poll_prints_is_read() {
        let steps = json!([{"name": "tap", "status": "failed", "exit_code": 1, "message": null}]);
        for (document, shown) in [
            (json!({"verdict": null, "steps": []}), "running"),
            (json!({"verdict": "failed", "steps": steps}), "failed (tap failed)"),
            (json!({"error": {"kind": "not_found", "code": "http_404"}}), "not_found with the code http_404"),
        ] {
            assert_eq!(summary(&document).map(|summary| summary.to_string()).as_deref(), Some(shown));
        }
        assert_eq!(summary(&json!({"runs": []})), None);
    }

    #[test]
    fn a_secret_goes_through_the_environment_alone() {
        let job = NamedValue { name: "job".to_owned(), value: Named::Integer(7) };
        let arguments = Arguments::new(Vec::new(), vec![job]).secret("token", Secret::new("hunter2"));
        let secrets = vec![("token".to_owned(), Secret::new("hunter2"))];
        let errand = Errand { arguments, secrets, server: "http://127.0.0.1:1".to_owned(), run: "r1".to_owned() };
        let limits = Limits { requests: 7, ..Limits::default() };
        let command =
            SubprocessPoll { plugin: "a.wasm".into(), limits, cache: CacheArgs::default() }.command(&errand).unwrap();
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        assert_eq!(
            arguments.join(" "),
            "poll --output json --run - --allow-internal http://127.0.0.1:1 --plugin=a.wasm --param job=7 \
             --secret token=env:HOST_HARNESS_SECRET_OF_THE_KIT_0 --limit requests=7"
        );
        assert!(command.get_envs().any(|(_, value)| value.is_some_and(|value| value == "hunter2")));
    }
}
