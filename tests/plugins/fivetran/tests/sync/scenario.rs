//! A simulated connection, and a host with the plugin that may reach it.

use std::sync::OnceLock;
use std::time::Duration;

use fivetran_simulator::{Account, Connection, Simulator};
use host_harness::contract::{NamedValue, Progress, Report, Value, Verdict};
use host_harness::{Arguments, Call, Limits, Plugin, Secret};
use jiff::Timestamp;
use plugin_tests::artifact::component;
use plugin_tests::compile_cache::host;
use plugin_tests::simulated_time::ended;

/// The connection of every scenario.
pub(crate) const ID: &str = "speak_inexpensive";
const KEY: &str = "a-key-of-nobody";
/// Long and odd, so that a search for it finds nothing else.
pub(crate) const SECRET: &str = "sec-3b1f0c9d-never-to-be-shown";

/// A simulated account with one connection, and a plugin with the right to reach it.
pub(crate) struct Scenario {
    pub(crate) simulator: Simulator,
    plugin: Plugin,
    arguments: Arguments,
}

impl Scenario {
    /// Sets up the connection, for a task with this policy.
    pub(crate) async fn new(policy: &str, set_up: impl FnOnce(&mut Connection)) -> Self {
        Self::with_secret(SECRET, policy, set_up).await
    }

    /// The same with a secret of the task's own.
    pub(crate) async fn with_secret(secret: &str, policy: &str, set_up: impl FnOnce(&mut Connection)) -> Self {
        static PLUGIN: OnceLock<Plugin> = OnceLock::new();
        let mut account = Account::new(KEY, SECRET);
        set_up(account.connection(ID));
        let simulator = Simulator::start(account, 0).await.expect("the simulator starts");
        let plugin = PLUGIN.get_or_init(|| {
            let host = host(Limits::default());
            host.load(component("fivetran-plugin")).expect("the plugin loads")
        });
        let connection = vec![text("api_key", KEY), text("base_url", &simulator.url())];
        let parameters = vec![text("connection_id", ID), text("on_already_running", policy)];
        Self {
            plugin: plugin.allow([simulator.url().parse().expect("an origin")]),
            arguments: Arguments::new(connection, parameters).secret("api_secret", Secret::new(secret)),
            simulator,
        }
    }

    /// The same for a task that syncs a connection though it is not set up.
    pub(crate) fn syncing_unready(mut self) -> Self {
        let value = Value::Boolean(true);
        self.arguments.parameters.push(NamedValue { name: "sync_unready".to_owned(), value });
        self
    }

    pub(crate) async fn trigger(&self) -> Call<Progress> {
        self.plugin.trigger(&self.arguments).await
    }

    pub(crate) async fn poll(&self, run: &str) -> Call<Progress> {
        self.plugin.poll(&self.arguments, run).await
    }

    pub(crate) async fn settle(&self, age: Duration) -> Call<Progress> {
        self.settle_again(&[age]).await
    }

    /// Settles one that was settled before, by calls of these ages after its own.
    pub(crate) async fn settle_again(&self, ages: &[Duration]) -> Call<Progress> {
        self.plugin.settle(&self.arguments, ages).await
    }

    pub(crate) async fn check(&self) -> Vec<String> {
        let findings = self.plugin.check(&self.arguments).await.outcome.expect("findings");
        findings.into_iter().map(|finding| finding.code).collect()
    }

    /// Triggers and polls as a host does, in simulated time, until the run has ended.
    pub(crate) async fn ended(&self) -> (Verdict, Report) {
        ended(&self.plugin, &self.arguments, &self.simulator).await
    }

    /// Looks at the connection or changes it, at the simulator's time.
    pub(crate) fn with_connection(&self, change: impl FnOnce(&mut Connection, Timestamp)) {
        let now = self.simulator.now();
        self.simulator.with(|account| change(account.connection(ID), now));
    }

    /// How many syncs were started.
    pub(crate) fn started(&self) -> usize {
        self.simulator.with(|account| account.connection(ID).started())
    }
}

fn text(name: &str, value: &str) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Text(value.to_owned()) }
}
