//! A simulated connection, and a host with the plugin that may reach it.

use std::sync::OnceLock;
use std::time::Duration;

use airbyte_simulator::{Account, Connection, Simulator};
use host_harness::contract::{NamedValue, Progress, Report, Value, Verdict};
use host_harness::{Arguments, Call, Limits, Plugin, Secret};
use plugin_tests::artifact::component;
use plugin_tests::compile_cache::host;
use plugin_tests::simulated_time::ended;

/// The connection of every scenario.
pub(crate) const ID: &str = "e3b1ce92-547c-436f-b1e8-23b6936c12cd";
/// Long and odd, so that a search for it finds nothing else.
pub(crate) const TOKEN: &str = "tok-3b1f0c9d-never-to-be-shown";
/// The secret of an application.
pub(crate) const CLIENT_SECRET: &str = "sec-9d3b1f0c-never-to-be-shown";

/// A simulated account with one connection, and a plugin with the right to reach it.
pub(crate) struct Scenario {
    pub(crate) simulator: Simulator,
    plugin: Plugin,
    arguments: Arguments,
}

impl Scenario {
    /// Sets up the connection, for a task with this policy.
    pub(crate) async fn new(policy: &str, set_up: impl FnOnce(&mut Connection)) -> Self {
        Self::of(Account::new(TOKEN), policy, set_up).await
    }

    async fn of(mut account: Account, policy: &str, set_up: impl FnOnce(&mut Connection)) -> Self {
        static PLUGIN: OnceLock<Plugin> = OnceLock::new();
        set_up(account.application("an-application", CLIENT_SECRET).connection(ID));
        let simulator = Simulator::start(account, 0).await.expect("the simulator starts");
        let plugin = PLUGIN.get_or_init(|| {
            let host = host(Limits::default());
            host.load(component("airbyte-plugin")).expect("the plugin loads")
        });
        let connection = vec![text("base_url", &format!("{}/v1", simulator.url()))];
        let parameters = vec![text("connection_id", ID), text("on_already_running", policy)];
        Self {
            plugin: plugin.allow([simulator.url().parse().expect("an origin")]),
            arguments: Arguments::new(connection, parameters).secret("access_token", Secret::new(TOKEN)),
            simulator,
        }
    }

    /// A self-managed Airbyte, reached at `path` of its URL: for a user and a password, or for everybody.
    pub(crate) async fn self_managed(path: &str, user: Option<(&str, &str)>) -> Self {
        let mut scenario = Self::of(Account::self_managed(user), "fail", |_| ()).await;
        let mut connection = vec![text("base_url", &format!("{}{path}", scenario.simulator.url()))];
        connection.extend(user.map(|(name, _)| text("username", name)));
        let arguments = Arguments::new(connection, scenario.arguments.parameters);
        scenario.arguments = match user {
            Some((_, password)) => arguments.secret("password", Secret::new(password)),
            None => arguments,
        };
        scenario
    }

    /// The same by an application, not by a token.
    pub(crate) fn by_application(mut self) -> Self {
        self.arguments.connection.push(text("client_id", "an-application"));
        let Arguments { connection, parameters, .. } = self.arguments;
        let secret = Secret::new(CLIENT_SECRET);
        self.arguments = Arguments::new(connection, parameters).secret("client_secret", secret);
        self
    }

    /// The same for a task whose `cancel` stops a job of somebody else's.
    pub(crate) fn cancelling_attached(mut self) -> Self {
        let value = Value::Boolean(true);
        self.arguments.parameters.push(NamedValue { name: "cancel_attached".to_owned(), value });
        self
    }

    /// The same on a host that hands its secrets over.
    pub(crate) fn exposing_secrets(self) -> Self {
        Self { arguments: self.arguments.clone().expose_secrets(), ..self }
    }

    pub(crate) async fn trigger(&self) -> Call<Progress> {
        self.plugin.trigger(&self.arguments).await
    }

    pub(crate) async fn cancel(&self, run: &str) -> Call<Progress> {
        self.plugin.cancel(&self.arguments, run).await
    }

    pub(crate) async fn poll(&self, run: &str) -> Call<Progress> {
        self.plugin.poll(&self.arguments, run).await
    }

    pub(crate) async fn settle(&self, age: Duration) -> Call<Progress> {
        self.plugin.settle(&self.arguments, &[age]).await
    }

    /// Triggers and polls as a host does, in simulated time, until the run has ended.
    pub(crate) async fn ended(&self) -> (Verdict, Report) {
        ended(&self.plugin, &self.arguments, &self.simulator).await
    }

    /// How many requests to start a sync were sent.
    pub(crate) fn posts(&self) -> usize {
        self.simulator.with(|account| {
            account
                .requests()
                .iter()
                .filter(|request| request.starts_with("POST") && request.ends_with("/jobs"))
                .count()
        })
    }

    /// How many syncs were started.
    pub(crate) fn started(&self) -> usize {
        self.simulator.with(|account| account.connection(ID).started())
    }
}

fn text(name: &str, value: &str) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Text(value.to_owned()) }
}
