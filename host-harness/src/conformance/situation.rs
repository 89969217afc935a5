//! One situation that a tool can be in.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ages::Ages;
use super::called::Called;
use super::exchange::Exchange;
use super::expected::Expected;
use super::values::Plain;

/// A situation, as a kit writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Situation {
    /// What it is called: `started`, or a name of the plugin's own.
    pub(super) name: String,
    /// The function that is called in it.
    pub(super) call: Called,
    /// For `poll` and `cancel`: the situation whose run is handed in.
    pub(super) after: Option<String>,
    /// For `settle`: how long ago the trigger was, and what settled it since.
    #[serde(default)]
    pub(super) age: Ages,
    /// Values of the connection that differ from those of the kit.
    #[serde(default)]
    pub(super) connection: BTreeMap<String, Plain>,
    /// The secrets, in place of those of the kit.
    pub(super) secrets: Option<BTreeMap<String, String>>,
    /// Parameters that differ from those of the kit.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Plain>,
    /// What comes of it.
    pub(super) result: Expected,
    /// The code of the error.
    pub(super) code: Option<String>,
    /// The tool's own words in it, which the answer repeats.
    pub(super) says: Option<String>,
    /// What is requested and answered.
    #[serde(default, rename = "exchange")]
    pub(super) exchanges: Vec<Exchange>,
}

impl Situation {
    /// The last answer of the tool.
    pub(super) fn last(&self) -> Option<&Exchange> {
        self.exchanges.last()
    }

    /// Whether a run is started in it.
    pub(super) fn starts(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.starts && !exchange.failed())
    }

    /// What cannot be meant by it, where the situations before it have these names.
    pub(super) fn problem(&self, before: &[Self]) -> Option<String> {
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
                return Some(format!("the situation {name} is after {after}, which is none of those before it"));
            }
            _ => {}
        }
        let of_an_error = [("code", &self.code), ("says", &self.says)].into_iter().find(|(_, value)| value.is_some());
        if let (Some((key, _)), false) = (of_an_error, matches!(self.result, Expected::Failed(_))) {
            return Some(format!("the situation {name} has `{key}`, and its result is no error"));
        }
        if let Some(words) = &self.says {
            let said = !words.trim().is_empty() && self.exchanges.iter().any(|exchange| exchange.says(words));
            if !said {
                return Some(format!("the situation {name} says {words:?}, which stands in none of its bodies"));
            }
        }
        let wrong = |exchange: &Exchange| Some((exchange.request.text.clone(), exchange.problem()?));
        let (request, problem) = self.exchanges.iter().find_map(wrong)?;
        Some(format!("the situation {name}, {request}: {problem}"))
    }
}
