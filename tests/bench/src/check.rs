//! One `check` by the command line, beside a Python script that asks Stitch the same.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{bail, ensure};

use crate::artifact;
use crate::scenario::TOKEN;
use crate::server::Server;
use crate::table::Row;
use crate::times::Pair;

const SCRIPT: &str = "
import sys, requests
url, token = sys.argv[1:]
response = requests.get(f'{url}/v4/sources/1', headers={'Authorization': f'Bearer {token}'}, timeout=30)
if response.status_code != 200:
    sys.exit(f'the token is not accepted: {response.text}')
print(f'source 1 is {response.json()[\"name\"]}')
";

const ROUNDS: usize = 41;

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    let server = Server::start(1)?;
    let cache = artifact::folder("check")?;
    let ours = || ended(&mut check(&server, &cache)?);
    ours()?;
    let figure = "python + requests ÷ `host-harness check`, whole processes, cache warm";
    let mut rows = vec![if artifact::python().is_some() {
        let theirs = async || ended(&mut script(&server)?);
        let pair = Pair::of(ROUNDS, theirs, async || ours()).await?;
        Row::at_least(figure, 4.0, pair.ratio(), pair.shown())
    } else {
        Row::reported(figure, "no Python with requests is there")
    }];
    if let Some(plugin) = artifact::python_plugin() {
        let describe = || {
            ended(
                artifact::host_harness()?
                    .arg("describe")
                    .arg("--plugin")
                    .arg(&plugin)
                    .env("HOST_HARNESS_CACHE", &cache),
            )
        };
        describe()?;
        let pair = Pair::of(ROUNDS, async || describe(), async || ours()).await?;
        let measured = format!("{:.3} s", pair.one.as_secs_f64());
        rows.push(Row::at_most(
            "`host-harness describe` of a Python plugin, cache warm, in s",
            0.5,
            pair.one.as_secs_f64(),
            measured,
        ));
    }
    Ok(rows)
}

/// The command line's `check` of a source of this account.
fn check(server: &Server, cache: &Path) -> anyhow::Result<Command> {
    let mut command = artifact::host_harness()?;
    command.args(["check", "--param", "source_id=1", "--secret", "access_token=env:TOKEN", "--allow", server.url()]);
    command.args(["--connection", &format!("base_url={}", server.url()), "--plugin"]).arg(artifact::plugin());
    command.env("TOKEN", TOKEN).env("HOST_HARNESS_CACHE", cache);
    Ok(command)
}

/// The same in Python.
fn script(server: &Server) -> anyhow::Result<Command> {
    let Some(mut command) = artifact::python() else { bail!("no Python") };
    command.args(["-c", SCRIPT, server.url(), TOKEN]);
    Ok(command)
}

/// Runs it to its end, which must be a good one. A warning of ours counts as none.
fn ended(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed ({}): {said}", command.get_program().display(), output.status);
    Ok(())
}
