//! Situations that a tool can be in.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::conformance::kit::ages::Ages;
use crate::conformance::kit::called::Called;
use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::expected::Expected;
use crate::conformance::kit::values::Plain;

/// A situation, as a kit writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Situation {
    /// Its name: `started`, or another of the author's choice.
    pub(crate) name: String,
    /// The function that it calls.
    pub(crate) call: Called,
    /// For `poll` and `cancel`: the situation that returned the run.
    pub(crate) after: Option<String>,
    /// For `settle`: the ages of the trigger and of the calls that settled it since.
    #[serde(default)]
    pub(crate) age: Ages,
    /// Values of the connection, in place of the kit's.
    #[serde(default)]
    pub(crate) connection: BTreeMap<String, Plain>,
    /// Secrets, in place of the kit's.
    pub(crate) secrets: Option<BTreeMap<String, String>>,
    /// Parameters, in place of the kit's.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Plain>,
    /// The expected result.
    pub(crate) result: Expected,
    /// The expected error code.
    pub(crate) code: Option<String>,
    /// The tool's own words, which the plugin's answer must repeat.
    pub(crate) says: Option<String>,
    /// The requests and their answers.
    #[serde(default, rename = "exchange")]
    pub(crate) exchanges: Vec<Exchange>,
    /// For `poll`: the requests and answers in their place where the run is polled together with others.
    #[serde(default)]
    pub(crate) together: Vec<Exchange>,
}

impl Situation {
    /// The tool's last answer.
    pub(crate) fn last(&self) -> Option<&Exchange> {
        self.exchanges.last()
    }

    /// The requests and answers where the run is polled together with others.
    pub(crate) fn exchanges_together(&self) -> &[Exchange] {
        if self.together.is_empty() { &self.exchanges } else { &self.together }
    }

    /// True if it starts a run.
    pub(crate) fn starts(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.starts && !exchange.failed())
    }

    /// True if nothing in it may change anything.
    pub(crate) fn only_reads(&self) -> bool {
        self.exchanges.iter().all(Exchange::is_read)
    }

    /// True if it is a cancellation that comes too late: the run has ended, and nothing is sent that may change it.
    pub(crate) fn finds_an_end(&self) -> bool {
        self.call == Called::Cancel && matches!(self.result, Expected::Finished(_)) && self.only_reads()
    }

    /// The flaw that makes it invalid, given the situations before it.
    pub(crate) fn problem(&self, before: &[Self]) -> Option<String> {
        let name = &self.name;
        let earlier = |other: &str| before.iter().any(|earlier| earlier.name == other);
        if earlier(name) {
            return Some(format!("the situation {name} is there twice"));
        }
        match &self.after {
            None if self.call.takes_a_run() => {
                return Some(format!("the situation {name} needs `after`: the situation whose run is handed in"));
            }
            Some(after) if !earlier(after) => {
                return Some(format!("the situation {name} is after {after}, which is not one of those before it"));
            }
            _ => {}
        }
        if self.call != Called::Poll && !self.together.is_empty() {
            return Some(format!("the situation {name} has `together`, and only runs of `poll` are polled together"));
        }
        let of_an_error = [("code", &self.code), ("says", &self.says)].into_iter().find(|(_, value)| value.is_some());
        if let (Some((key, _)), false) = (of_an_error, matches!(self.result, Expected::Failed(_))) {
            return Some(format!("the situation {name} has `{key}`, and its result is not an error"));
        }
        if let Some(words) = &self.says {
            let said = !words.trim().is_empty() && self.exchanges.iter().any(|exchange| exchange.says(words));
            if !said {
                return Some(format!("the situation {name} says {words:?}, which stands in none of its bodies"));
            }
        }
        let wrong = |exchange: &Exchange| Some((exchange.request.text.clone(), exchange.problem()?));
        let (request, problem) = self.exchanges.iter().chain(&self.together).find_map(wrong)?;
        Some(format!("the situation {name}, {request}: {problem}"))
    }
}
