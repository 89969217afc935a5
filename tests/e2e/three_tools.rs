//! A pipeline of Stitch, Airbyte and Fivetran from the command line, by the clock of this machine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use fivetran_simulator::Account as FivetranAccount;
use stitch_simulator::{Clock, Fault, Phase, Plan, Route, World};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

use crate::artifact;
use crate::command_line::{Printed, spawned};
use crate::scenario::{CLIENT_ID, TOKEN};

const ORDERS: u64 = 101;
const CUSTOMERS: u64 = 102;
const REPORT: u64 = 103;
const SPEND: u64 = 104;
const CRM: &str = "e3b1ce92-547c-436f-b1e8-23b6936c12cd";
const ADS: &str = "speak_inexpensive";

/// `report` comes after `orders`, `crm` and `ads`, one of each tool; `spend` after `customers`, which fails.
pub(crate) struct ThreeTools {
    stitch: stitch_simulator::Simulator,
    airbyte: airbyte_simulator::Simulator,
    fivetran: fivetran_simulator::Simulator,
    pub(crate) folder: PathBuf,
}

/// A running command.
pub(crate) struct Begun {
    child: Child,
    told: Lines<BufReader<ChildStderr>>,
}

impl Begun {
    /// Waits for its end, and returns the rest of its output.
    pub(crate) async fn ended(mut self) -> Printed {
        let mut stderr = String::new();
        while let Some(line) = self.told.next_line().await.expect("a line") {
            stderr += &(line + "\n");
        }
        Printed { code: self.child.wait().await.expect("its end").code(), stdout: String::new(), stderr }
    }

    /// Kills it. False if it ended before.
    pub(crate) async fn killed(mut self) -> bool {
        let goes_on = self.child.try_wait().expect("its end").is_none();
        self.child.kill().await.expect("it is killed");
        goes_on
    }
}

impl ThreeTools {
    /// Sets up tools whose answers take this long, so that they can be lost.
    pub(crate) async fn new(name: &str, answers: Duration) -> Self {
        Self::lasting(name, answers, Duration::from_secs(3)).await
    }

    /// Sets up tools whose answers and syncs take this long.
    pub(crate) async fn lasting(name: &str, answers: Duration, lasting: Duration) -> Self {
        let mut world = World::new();
        let account = world.account(CLIENT_ID, TOKEN);
        for source in [ORDERS, REPORT, SPEND] {
            account.source(source).paused().plan(Plan::succeeds().lasting(lasting / 3, lasting / 3, lasting / 3));
        }
        let fails = Plan::fails(Phase::Tap, 1, "no such table").lasting(lasting, lasting, lasting);
        account.source(CUSTOMERS).paused().plan(fails);
        let clock = Clock::scaled(World::START, 1.0);
        let stitch = stitch_simulator::Simulator::start_with(world, clock, 0).await.expect("the simulator starts");
        stitch.fault(Fault::on(Route::StartJob).delay(answers).with_effect().always());

        let mut account = airbyte_simulator::Account::new(TOKEN);
        account.connection(CRM).plan(airbyte_simulator::Plan::succeeds().lasting(lasting));
        let airbyte = airbyte_simulator::Simulator::start(account, 0).await.expect("the simulator starts");
        airbyte.delay_answers(answers);

        let mut account = FivetranAccount::new("a-key", TOKEN);
        let ads = account.connection(ADS).scheduled_manually();
        ads.plan(fivetran_simulator::Plan::succeeds().lasting(lasting));
        let fivetran = fivetran_simulator::Simulator::start(account, 0).await.expect("the simulator starts");
        fivetran.delay_answers(answers);

        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("three-tools-{name}"));
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("token"), TOKEN).expect("a file");
        let tools = Self { stitch, airbyte, fivetran, folder };
        std::fs::write(tools.folder.join("nightly.toml"), tools.definition()).expect("a file");
        tools
    }

    /// The expected outcome of each task.
    pub(crate) fn expected() -> BTreeMap<String, String> {
        let states = [
            ("ads", "succeeded"),
            ("crm", "succeeded"),
            ("customers", "failed"),
            ("orders", "succeeded"),
            ("report", "succeeded"),
            ("spend", "not_run"),
        ];
        states.map(|(name, state)| (name.to_owned(), state.to_owned())).into()
    }

    fn definition(&self) -> String {
        let connection = |name: &str, plugin: &PathBuf, url: &str, secret: &str| {
            let (plugin, origin) = (plugin.display(), url.trim_end_matches("/v1"));
            format!(
                "[connections.{name}]\nplugin = '{plugin}'\nallow = [{origin:?}]\nfields.base_url = {url:?}\n\
                 secrets.{secret} = \"file:token\"\n"
            )
        };
        let task = |name: &str, tool: &str, parameter: &str, after: &str| {
            format!(
                "[tasks.{name}]\nconnection = {tool:?}\nparameters.{parameter}\nafter = [{after}]\ntimeout = \"3m\"\n"
            )
        };
        let source = |source: u64| format!("source_id = {source}");
        let id = |id: &str| format!("connection_id = {id:?}");
        let [airbyte, fivetran] = artifact::other_plugins();
        [
            "name = \"nightly\"\n".to_owned(),
            connection("stitch", artifact::plugin(), &self.stitch.url(), "access_token"),
            connection("airbyte", airbyte, &format!("{}/v1", self.airbyte.url()), "access_token"),
            connection("fivetran", fivetran, &self.fivetran.url(), "api_secret"),
            "fields.api_key = \"a-key\"\n".to_owned(),
            task("orders", "stitch", &source(ORDERS), ""),
            task("customers", "stitch", &source(CUSTOMERS), ""),
            task("crm", "airbyte", &id(CRM), ""),
            task("ads", "fivetran", &id(ADS), ""),
            task("report", "stitch", &source(REPORT), "\"orders\", \"crm\", \"ads\""),
            task("spend", "stitch", &source(SPEND), "\"customers\""),
        ]
        .concat()
    }

    /// A command, with fast polls if it makes any.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut program = artifact::host_harness();
        program.current_dir(&self.folder).args(words);
        if words[0] != "runs" {
            program.args(["--poll-interval", "200ms", "--ignore-poll-hint"]);
        }
        program.args(["--output", "json"]);
        program
    }

    pub(crate) async fn call(&self, words: &[&str]) -> Printed {
        let printed = spawned(self.command(words), String::new()).await;
        assert!(!printed.stdout.contains(TOKEN) && !printed.stderr.contains(TOKEN), "{}", printed.stderr);
        printed
    }

    /// Starts a command and kills it at a delay after so many lines. False if it ended before.
    pub(crate) async fn killed(&self, words: &[&str], lines: u32, after: Duration) -> bool {
        self.begun(words, lines, after).await.killed().await
    }

    /// Starts a command and waits for a delay after so many lines, or for its end.
    pub(crate) async fn begun(&self, words: &[&str], lines: u32, after: Duration) -> Begun {
        let mut program = tokio::process::Command::from(self.command(words));
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines_left = lines;
        let mut begun = Begun { told: BufReader::new(child.stderr.take().expect("its lines")).lines(), child };
        while lines_left > 0 && begun.told.next_line().await.expect("a line").is_some() {
            lines_left -= 1;
        }
        if lines_left == 0 {
            tokio::time::sleep(after).await;
        }
        begun
    }

    /// Starts the sync of `orders` for somebody else; its task then attaches to it.
    pub(crate) fn start_orders_elsewhere(&self) {
        let hour = Duration::from_hours(1);
        let started = self.stitch.with(|world| world.source(ORDERS).start(Plan::succeeds().lasting(hour, hour, hour)));
        started.expect("nothing runs");
        let file = self.folder.join("nightly.toml");
        let (task, attach) = (format!("source_id = {ORDERS}\n"), "parameters.on_already_running = \"attach\"\n");
        let text = self.definition().replace(&task, &format!("{task}{attach}"));
        std::fs::write(file, text).expect("a file");
    }

    /// Removes the folder of locks, as a person who cleans up might.
    pub(crate) fn remove_locks(&self) {
        _ = std::fs::remove_dir_all(self.folder.join("host-harness.db.locks"));
    }

    /// The number of syncs of each task, whoever started them.
    pub(crate) fn started(&self) -> BTreeMap<&'static str, usize> {
        let of_stitch = |source: u64| self.stitch.with(|world| world.source(source).jobs().len());
        BTreeMap::from([
            ("orders", of_stitch(ORDERS)),
            ("customers", of_stitch(CUSTOMERS)),
            ("crm", self.airbyte.with(|account| account.connection(CRM).started())),
            ("ads", self.fivetran.with(|account| account.connection(ADS).started())),
            ("report", of_stitch(REPORT)),
            ("spend", of_stitch(SPEND)),
        ])
    }

    /// The stored states of the first run's tasks. Asserts that it holds no secret.
    pub(crate) async fn kept(&self) -> BTreeMap<String, String> {
        for file in ["host-harness.db", "host-harness.db-wal"] {
            let bytes = std::fs::read(self.folder.join(file)).unwrap_or_default();
            let secret = bytes.windows(TOKEN.len()).any(|bytes| bytes == TOKEN.as_bytes());
            assert!(!secret, "the token is in {file}");
        }
        let document = self.call(&["runs", "show", "1"]).await.json();
        let tasks = document["runs"][0]["tasks"].as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        tasks.iter().map(|task| (text(&task["name"]), text(&task["state"]))).collect()
    }
}
