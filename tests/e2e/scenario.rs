//! The scenario: a simulated account, and a host with our plugin that may reach it.

use std::future::pending;
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use host_harness::contract::{ErrorKind, Finished, NamedValue, Progress, Report, TaskError, Value, Verdict};
use host_harness::{Arguments, Call, Clock, Limits, Plugin, PollPolicy, Secret, WatchEnd, WatchOutcome, Watcher};
use http::StatusCode;
use plugin_tests::compile_cache::host;
pub(crate) use plugin_tests::outcome::{finished, refused, running};
use stitch_simulator::{Account, Answer, Simulator, World};

use crate::artifact;

/// The account of every scenario.
pub(crate) const CLIENT_ID: u64 = 116_078;
/// The source that is synced.
pub(crate) const SOURCE_ID: u64 = 120_643;
/// The token of the account: long and odd, so that a search for it finds nothing else.
pub(crate) const TOKEN: &str = "tok-3b1f0c9d-never-to-be-shown";

/// The plugin's timeout for the head of an answer, and for each piece of its body.
pub(crate) const WAIT: Duration = Duration::from_millis(500);
/// The timeout of a call.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// A simulated account and a plugin with the right to reach it.
pub(crate) struct Scenario {
    /// Stitch.
    pub(crate) simulator: Simulator,
    /// The plugin.
    pub(crate) plugin: Plugin,
    connection: Vec<NamedValue>,
    parameters: Vec<NamedValue>,
    token: Secret,
}

impl Scenario {
    /// Sets up the account.
    pub(crate) async fn new(set_up: impl FnOnce(&mut Account)) -> Self {
        let mut world = World::new();
        set_up(world.account(CLIENT_ID, TOKEN));
        let simulator = Simulator::start(world).await.expect("the simulator starts");
        Self {
            plugin: plugin(&simulator.url()),
            connection: vec![text("base_url", &simulator.url())],
            parameters: vec![id("source_id", SOURCE_ID)],
            token: Secret::new(TOKEN),
            simulator,
        }
    }

    /// A scenario whose source follows this plan.
    pub(crate) async fn planned(plan: stitch_simulator::Plan) -> Self {
        Self::new(|account| {
            account.source(SOURCE_ID).plan(plan);
        })
        .await
    }

    /// With a parameter set.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.push(text(name, value));
        self
    }

    /// With these parameters only.
    pub(crate) fn with_parameters(mut self, parameters: Vec<NamedValue>) -> Self {
        self.parameters = parameters;
        self
    }

    /// With a field of the connection set.
    pub(crate) fn with_connection(mut self, name: &str, value: &str) -> Self {
        self.connection.retain(|field| field.name != name);
        self.connection.push(text(name, value));
        self
    }

    /// With another token.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Secret::new(token);
        self
    }

    pub(crate) fn arguments(&self) -> Arguments {
        let arguments = Arguments::new(self.connection.clone(), self.parameters.clone());
        arguments.secret("access_token", self.token.clone())
    }

    pub(crate) async fn trigger(&self) -> Call<Progress> {
        self.plugin.trigger(&self.arguments()).await
    }

    pub(crate) async fn poll(&self, run: &str) -> Call<Progress> {
        self.plugin.poll(&self.arguments(), run).await
    }

    /// Settles a trigger of this age.
    pub(crate) async fn settle(&self, age: Duration) -> Call<Progress> {
        self.settle_again(&[age]).await
    }

    /// Settles a trigger again: the ages are its own, then those of the earlier calls that settled it.
    pub(crate) async fn settle_again(&self, ages: &[Duration]) -> Call<Progress> {
        self.plugin.settle(&self.arguments(), ages).await
    }

    /// The number of jobs of the source, whoever started them.
    pub(crate) fn jobs(&self) -> usize {
        self.simulator.with(|world| world.source(SOURCE_ID).jobs().len())
    }

    /// Triggers, and returns the run.
    pub(crate) async fn started(&self) -> String {
        running(self.trigger().await).run
    }

    /// Lets Stitch's time pass, then polls.
    pub(crate) async fn poll_after(&self, time: Duration, run: &str) -> Call<Progress> {
        self.simulator.advance(time);
        self.poll(run).await
    }

    /// Triggers and polls as a host does, in simulated time, until the run has ended.
    pub(crate) async fn watched(&self) -> WatchOutcome {
        self.watcher(&self.arguments(), &SimulatedClock(&self.simulator)).run(|_| (), pending()).await
    }

    /// Polls a run that was triggered before, in simulated time, until it has ended.
    pub(crate) async fn resumed(&self, run: String) -> WatchOutcome {
        self.watcher(&self.arguments(), &SimulatedClock(&self.simulator)).resume(run, |_| (), pending()).await
    }

    /// As `watched`, for a run that ends with a verdict.
    pub(crate) async fn ended(&self) -> (Verdict, Report) {
        match self.watched().await.end {
            WatchEnd::Finished(Finished { verdict, report }) => (verdict, report),
            other => panic!("no verdict: {other:?}"),
        }
    }

    /// A watcher with this clock.
    pub(crate) fn watcher<'a, C>(&'a self, arguments: &'a Arguments, clock: &'a C) -> Watcher<'a, C> {
        static POLICY: LazyLock<PollPolicy> = LazyLock::new(PollPolicy::default);
        Watcher { plugin: &self.plugin, arguments, policy: &POLICY, clock }
    }
}

/// The plugin, with a grant of one origin. It is compiled once, with limits short enough for tests.
pub(crate) fn plugin(origin: &str) -> Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    let plugin = PLUGIN.get_or_init(|| {
        let limits = Limits { first_byte: WAIT, idle: WAIT, call: CALL, ..Limits::default() };
        let host = host(limits);
        host.load(artifact::plugin()).expect("the plugin loads")
    });
    plugin.allow([origin.parse().expect("an origin")])
}

/// An answer of 3.8 MB, which is within the limits and does not fit into [`SMALL`].
pub(crate) fn huge() -> Answer {
    Answer::text(StatusCode::OK, "application/json", format!("{{\"data\":[{}0]}}", "0,".repeat(1_900_000)))
}

/// Memory for ordinary answers, in bytes.
pub(crate) const SMALL: usize = 4 << 20;

/// A clock that advances when it is waited for.
pub(crate) struct SimulatedClock<'a>(pub(crate) &'a Simulator);

impl Clock for SimulatedClock<'_> {
    fn now(&self) -> Duration {
        self.0.now().duration_since(World::START).unsigned_abs()
    }

    async fn sleep(&self, time: Duration) {
        self.0.advance(time);
    }
}

pub(crate) fn text(name: &str, value: &str) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Text(value.to_owned()) }
}

pub(crate) fn id(name: &str, number: u64) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Integer(number.try_into().expect("an id")) }
}

/// An error's kind, code and message, and what the tool said.
pub(crate) fn said(error: &TaskError) -> (ErrorKind, &str, Option<&str>) {
    (error.kind, &error.message, error.raw_message.as_deref())
}
