//! A call that is made again and again, and what must come of it every time.

use fault_server::Server;
use host_harness::contract::{Finished, NamedValue, Progress, Value};
use host_harness::{Arguments, Call, CallError, Denial, Host, Plugin};

use super::house;
use super::peer::Peer;

/// A guest, ready to be called, and its peer.
pub(crate) struct Case {
    name: &'static str,
    plugin: Plugin,
    arguments: Arguments,
    expected: &'static str,
    pub(crate) server: Server,
}

impl Case {
    pub(crate) async fn new(host: &Host, name: &'static str, peer: Peer, expected: &'static str) -> Self {
        let server = peer.start().await;
        let plugin = house::guest(host, name, &server);
        Self { name, plugin, arguments: house::arguments(&server), expected, server }
    }

    /// Makes the call. What is wrong with what came of it, if anything is.
    pub(crate) async fn call(&self) -> Option<String> {
        let came = outcome(&self.plugin.trigger(&self.arguments).await);
        (came != self.expected).then(|| format!("{}: {came}; expected: {}", self.name, self.expected))
    }
}

/// All that is the same every time.
fn outcome(call: &Call<Progress>) -> String {
    let mut said = match &call.outcome {
        Ok(Progress::Finished(finished)) => told(finished),
        Ok(Progress::Running(running)) => vec!["running".to_owned(), running.report.message.clone()],
        Err(CallError::LimitExceeded { exceeded, .. }) => vec!["past".to_owned(), exceeded.limit.name().to_owned()],
        Err(CallError::Trapped { reason, .. }) => vec!["crashed".to_owned(), reason.clone()],
        Err(error) => vec![error.code().to_owned()],
    };
    said.extend(call.exceeded.iter().map(|exceeded| format!("peer past {}", exceeded.limit.name())));
    said.extend(call.denied.iter().map(|denial| match denial {
        Denial::Secret { name, place, .. } => format!("{name} in {place}"),
        denial => denial.to_string(),
    }));
    said.join(", ")
}

fn told(finished: &Finished) -> Vec<String> {
    let facts = finished.report.metadata.iter().map(|NamedValue { name, value }| match value {
        Value::Text(text) => format!("{name} {text}"),
        other => format!("{name} {other:?}"),
    });
    [format!("{:?}", finished.verdict), finished.report.message.clone()].into_iter().chain(facts).collect()
}
