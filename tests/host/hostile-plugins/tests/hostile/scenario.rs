//! A guest, a host that is to survive it, and the servers that it can reach.

use std::sync::OnceLock;
use std::time::Duration;

use fault_server::{Fault, Server};
use host_harness::contract::{Descriptor, Progress, Value};
use host_harness::{Arguments, Call, CallError, Grant, Host, Inputs, Limit, Limits, Plugin, Secret};
use plugin_tests::compile_cache::host;
pub(crate) use plugin_tests::outcome::{finished, refused, running};

use crate::artifact;

/// The secret of every scenario: long and odd, so that a search for it finds nothing else.
pub(crate) const TOKEN: &str = "tok-3b1f0c9d-never-to-be-shown";

/// Limits that tests can wait for.
pub(crate) fn short() -> Limits {
    let wait = Duration::from_millis(500);
    Limits {
        call: Duration::from_secs(10),
        cpu: wait,
        first_byte: wait,
        idle: wait,
        stderr: host_harness::Size(4 << 10),
        ..Limits::default()
    }
}

/// A guest that is called with everything that it asks for.
pub(crate) struct Scenario {
    /// What the guest may reach.
    pub(crate) server: Server,
    /// What the guest knows of and may not reach, unless it is granted.
    pub(crate) other: Server,
    /// The guest.
    pub(crate) plugin: Plugin,
    house: House,
    inputs: Inputs,
    token: Secret,
    exposed: bool,
    granted: Vec<Grant>,
}

/// A host and the honest plugin in it.
#[derive(Clone)]
struct House {
    host: Host,
    honest: Plugin,
}

impl House {
    fn new(limits: Limits) -> Self {
        let host = host(limits);
        let honest = host.load_bytes(&artifact::guest("honest")).expect("the honest plugin loads");
        Self { host, honest }
    }
}

impl Scenario {
    /// A guest in the host that most tests share, and servers that answer with what they were sent.
    pub(crate) async fn of(guest: &str) -> Self {
        static SHARED: OnceLock<House> = OnceLock::new();
        Self::at(SHARED.get_or_init(|| House::new(short())).clone(), guest, Fault::Echo).await
    }

    /// A guest in a host of its own.
    pub(crate) async fn with_limits(guest: &str, set: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = short();
        set(&mut limits);
        Self::at(House::new(limits), guest, Fault::Echo).await
    }

    async fn at(house: House, guest: &str, fault: Fault) -> Self {
        let plugin = house.host.load_bytes(&artifact::guest(guest)).expect("the guest loads");
        let scenario = Self {
            plugin,
            house,
            server: Server::plain(fault).await.expect("a server"),
            other: Server::plain(Fault::Echo).await.expect("a server"),
            inputs: Inputs::default(),
            token: Secret::new(TOKEN),
            exposed: false,
            granted: Vec::new(),
        };
        let granted = origin(&scenario.server);
        scenario.granting(&granted)
    }

    /// With a server that does this to the guest's requests.
    pub(crate) async fn against(self, fault: Fault) -> Self {
        self.served_by(Server::plain(fault).await.expect("a server"))
    }

    /// As `against`, over TLS, with a certificate that the host does not trust.
    pub(crate) async fn against_tls(self, fault: Fault) -> Self {
        self.served_by(Server::tls(fault).await.expect("a server"))
    }

    fn served_by(mut self, server: Server) -> Self {
        let granted = origin(&server);
        self.server = server;
        self.granting(&granted)
    }

    /// With so much of the deed.
    pub(crate) fn sized(mut self, size: usize) -> Self {
        self.inputs = self.inputs.parameter("size", size.to_string());
        self
    }

    /// With the right to reach this origin and no other.
    pub(crate) fn granting(mut self, origin: &str) -> Self {
        self.granted = vec![origin.parse().expect("an origin")];
        self
    }

    /// As `granting`, for a name that leads to this machine.
    pub(crate) fn granting_internal(mut self, origin: &str) -> Self {
        self.granted = vec![origin.parse::<Grant>().expect("an origin").internal()];
        self
    }

    /// With the right to reach this origin, too.
    pub(crate) fn granting_also(mut self, origin: &str) -> Self {
        self.granted.push(origin.parse().expect("an origin"));
        self
    }

    /// The right to reach nothing.
    pub(crate) fn granting_nothing(mut self) -> Self {
        self.granted.clear();
        self
    }

    /// With a secret that may go to the server and to no other origin, whatever else is granted.
    pub(crate) fn with_secret_only_for_the_server(mut self) -> Self {
        self.token = self.token.only_for([origin(&self.server).parse().expect("an origin")]);
        self
    }

    /// With the secret itself in place of a placeholder.
    pub(crate) fn exposed(self) -> Self {
        Self { exposed: true, ..self }
    }

    /// What the guest is called with.
    pub(crate) async fn arguments(&self) -> Arguments {
        let descriptor = self.house.honest.describe().await.outcome.expect("a descriptor");
        let inputs = self.inputs.clone();
        let inputs = inputs.connection("base_url", origin(&self.server)).connection("other_url", origin(&self.other));
        let arguments = inputs.secret("token", self.token.clone()).resolve(&descriptor).expect("arguments");
        if self.exposed { arguments.expose_secrets() } else { arguments }
    }

    /// Lets the guest do its deed.
    pub(crate) async fn trigger(&self) -> Call<Progress> {
        let call = self.granted(&self.plugin).trigger(&self.arguments().await).await;
        self.goes_on().await;
        call
    }

    /// Polls runs together.
    pub(crate) async fn poll_many(&self, runs: &[&str]) -> Call<Vec<Result<Progress, CallError>>> {
        let arguments = self.arguments().await;
        let runs: Vec<_> = runs.iter().map(|run| (&arguments, *run)).collect();
        let call = self.granted(&self.plugin).poll_many(&runs).await;
        self.goes_on().await;
        call
    }

    /// Asks the guest what it is.
    pub(crate) async fn describe(&self) -> Call<Descriptor> {
        let call = self.granted(&self.plugin).describe().await;
        self.goes_on().await;
        call
    }

    /// The guest with its rights.
    pub(crate) fn granted(&self, plugin: &Plugin) -> Plugin {
        plugin.allow(self.granted.iter().cloned())
    }

    /// An honest call in the same host succeeds.
    async fn goes_on(&self) {
        let server = Server::plain(Fault::None).await.expect("a server");
        let plugin = self.house.honest.allow([origin(&server).parse().expect("an origin")]);
        let connection = Inputs::default().connection("base_url", origin(&server)).secret("token", Secret::new(TOKEN));
        let descriptor = plugin.describe().await.outcome.expect("a descriptor");
        let call = plugin.trigger(&connection.resolve(&descriptor).expect("arguments")).await;
        assert_eq!(facts(call), [("status".to_owned(), "200".to_owned()), ("body_length".to_owned(), "2".to_owned())]);
    }
}

/// What a plugin is granted to reach a server.
pub(crate) fn origin(server: &Server) -> String {
    server.url().trim_end_matches('/').to_owned()
}

/// The facts that a guest collected.
pub(crate) fn facts(call: Call<Progress>) -> Vec<(String, String)> {
    let metadata = finished(call).report.metadata.into_iter();
    let facts = metadata.map(|fact| match fact.value {
        Value::Text(text) => (fact.name, text),
        other => panic!("{other:?} is no text"),
    });
    facts.collect()
}

/// Asserts what a guest found out, in order.
#[track_caller]
pub(crate) fn assert_facts(call: Call<Progress>, expected: &[(&str, &str)]) {
    let facts = facts(call);
    let facts: Vec<_> = facts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(facts, expected);
}

/// Asserts that the host ended the call for this limit.
#[track_caller]
pub(crate) fn assert_ended<T: std::fmt::Debug>(call: &Call<T>, expected: Limit) {
    match &call.outcome {
        Err(CallError::LimitExceeded { exceeded, .. }) => assert_eq!(exceeded.limit, expected, "{exceeded}"),
        other => panic!("not ended: {}", format!("{other:?}").chars().take(300).collect::<String>()),
    }
}

/// Asserts that the call crashed, and why.
#[track_caller]
pub(crate) fn assert_crashed<T: std::fmt::Debug>(call: &Call<T>, expected: &str) {
    match &call.outcome {
        Err(CallError::Trapped { reason, .. }) => assert_eq!(reason, expected),
        other => panic!("no crash: {other:?}"),
    }
}
