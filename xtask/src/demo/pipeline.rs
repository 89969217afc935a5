//! A pipeline of tasks of three tools, with a failure, a retry and a dependant that is not run.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};
use serde_json::Value;

use super::{Programs, TOKEN_VARIABLE, short, simulator::Simulator};
use crate::shell;

/// Where the secrets of the other tools are found.
const AIRBYTE_VARIABLE: &str = "AIRBYTE_ACCESS_TOKEN";
const FIVETRAN_VARIABLE: &str = "FIVETRAN_API_SECRET";

/// The tasks, how each ends and after how many attempts.
const EXPECTED: [(&str, &str, usize); 5] = [
    ("ads", "failed", 1),
    ("crm", "succeeded", 2),
    ("customers", "succeeded", 1),
    ("dashboard", "succeeded", 1),
    ("spend", "not_run", 0),
];

/// A simulator that introduces itself in one line of JSON. It ends when this is dropped.
struct Introduced {
    child: Child,
    introduction: Value,
}

impl Introduced {
    fn start(program: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        let child = command.arg("--until-stdin-closes").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().context("the simulator has no output")?).read_line(&mut line)?;
        let introduction = serde_json::from_str(&line).context("the simulator did not introduce itself")?;
        Ok(Self { child, introduction })
    }

    fn says(&self, name: &str) -> &str {
        self.introduction[name].as_str().unwrap_or_default()
    }

    /// The id of the connection of which the simulator says this.
    fn connection(&self, what: &str) -> anyhow::Result<&str> {
        let connections = self.introduction["connections"].as_array().into_iter().flatten();
        let mut found = connections.filter(|connection| connection["what"] == what);
        found.next().and_then(|connection| connection["id"].as_str()).with_context(|| format!("no connection {what}"))
    }
}

impl Drop for Introduced {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the pipeline, and fails unless each task ended as expected.
pub(super) fn run(programs: &Programs, stitch: &Simulator) -> anyhow::Result<()> {
    let airbyte = Introduced::start(&programs.airbyte_simulator)?;
    let fivetran = Introduced::start(&programs.fivetran_simulator)?;
    let folder = programs.host.parent().context("the program lies in a folder")?.join("demo");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    let file = folder.join("nightly.toml");
    fs::write(&file, definition(programs, stitch, &airbyte, &fivetran)?)?;

    println!("a pipeline of Stitch, Airbyte and Fivetran: a failure, a retry, and a task that is not run");
    let mut host = command(programs, &folder, &["pipeline", "run"]);
    host.arg(short(&file)).args(["--poll-interval", "200ms", "--ignore-poll-hint"]);
    println!("$ {}", shell::line(&host));
    host.env(TOKEN_VARIABLE, &stitch.access_token).env(AIRBYTE_VARIABLE, airbyte.says("access_token"));
    let status = host.env(FIVETRAN_VARIABLE, fivetran.says("api_secret")).stdin(Stdio::null()).status()?;
    if status.code() != Some(1) {
        bail!("the pipeline was expected to end with exit code 1, and ended with {status}");
    }
    let shown = command(programs, &folder, &["runs", "show", "1", "--output", "json"]).output()?;
    let found = tasks(&serde_json::from_slice(&shown.stdout).context("the kept run is shown")?);
    let expected: Vec<_> = EXPECTED.map(|(name, state, attempts)| (name.to_owned(), state.to_owned(), attempts)).into();
    if found != expected {
        bail!("expected {expected:?}, found {found:?}");
    }
    println!();
    Ok(())
}

fn command(programs: &Programs, folder: &Path, words: &[&str]) -> Command {
    let mut host = Command::new(short(&programs.host));
    host.args(words).arg("--store").arg(short(&folder.join("host-harness.db")));
    host
}

/// The file of the pipeline.
fn definition(
    programs: &Programs,
    stitch: &Simulator,
    airbyte: &Introduced,
    fivetran: &Introduced,
) -> anyhow::Result<String> {
    let connection = |name: &str, plugin: &PathBuf, url: &str, secret: &str, variable: &str| {
        let origin = url.strip_suffix("/v1").unwrap_or(url);
        let plugin = plugin.display();
        format!(
            "[connections.{name}]\nplugin = '{plugin}'\nallow = [\"{origin}\"]\nfields.base_url = \"{url}\"\n\
             secrets.{secret} = \"env:{variable}\"\n"
        )
    };
    let crm = airbyte.connection("fails the first time, succeeds the second, each after 1 s")?;
    let ads = fivetran.connection("fails after 1 s")?;
    let [customers, dashboard, spend] = ["hubspot", "adwords", "recurly"].map(|name| stitch.source(name));
    Ok([
        "name = \"nightly\"\n\n".to_owned(),
        connection("stitch", &programs.plugin, &stitch.url, "access_token", TOKEN_VARIABLE),
        connection("airbyte", &programs.airbyte, airbyte.says("url"), "access_token", AIRBYTE_VARIABLE),
        connection("fivetran", &programs.fivetran, fivetran.says("url"), "api_secret", FIVETRAN_VARIABLE),
        format!("fields.api_key = \"{}\"\n", fivetran.says("api_key")),
        format!("[tasks.customers]\nconnection = \"stitch\"\nparameters.source_id = {}\n", customers?),
        format!("[tasks.crm]\nconnection = \"airbyte\"\nparameters.connection_id = \"{crm}\"\nretries = 1\n"),
        format!("[tasks.ads]\nconnection = \"fivetran\"\nparameters.connection_id = \"{ads}\"\n"),
        format!("[tasks.spend]\nconnection = \"stitch\"\nparameters.source_id = {}\nafter = [\"ads\"]\n", spend?),
        format!(
            "[tasks.dashboard]\nconnection = \"stitch\"\nparameters.source_id = {}\nafter = [\"customers\", \"crm\"]\n",
            dashboard?
        ),
    ]
    .concat())
}

/// The tasks of the run that is shown: names, states and numbers of attempts, in the order of the names.
fn tasks(document: &Value) -> Vec<(String, String, usize)> {
    let tasks = document["runs"][0]["tasks"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let attempts = |task: &Value| task["attempts"].as_array().map_or(0, Vec::len);
    let mut tasks: Vec<_> = tasks.map(|task| (text(&task["name"]), text(&task["state"]), attempts(task))).collect();
    tasks.sort();
    tasks
}
