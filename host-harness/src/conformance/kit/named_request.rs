//! Named requests: those that many exchanges of a kit have in common, said once.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::conformance::kit::exchange::Exchange;
use crate::conformance::kit::pattern::Pattern;
use crate::inputs::suggestion;

/// An entry of `[requests]`: the request, or a table with what is true of it wherever it is named.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a request such as `GET /path`, or a table of `request`, `starts`, `reads` and `varies`")]
pub(crate) enum NamedRequest {
    Plain(Pattern),
    Table(RequestTable),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestTable {
    request: Pattern,
    #[serde(default)]
    starts: bool,
    #[serde(default)]
    reads: bool,
    #[serde(default)]
    varies: Vec<String>,
}

impl NamedRequest {
    fn pattern(&self) -> &Pattern {
        match self {
            Self::Plain(pattern) | Self::Table(RequestTable { request: pattern, .. }) => pattern,
        }
    }
}

/// The flaw in `[requests]` itself.
pub(crate) fn problem(requests: &BTreeMap<String, NamedRequest>) -> Option<String> {
    requests.iter().find_map(|(name, request)| {
        if !Pattern::is_a_name(name) {
            Some(format!("[requests] names {name:?}: a name is of small letters, digits, _ and -, a letter first"))
        } else if request.pattern().is_named() {
            let text = &request.pattern().text;
            Some(format!("[requests] {name} is `{text}`: write a request there, such as `GET /path`"))
        } else {
            None
        }
    })
}

/// Puts the request in place of its name. The error says that there is no such name.
pub(crate) fn resolve(exchange: &mut Exchange, requests: &BTreeMap<String, NamedRequest>) -> Result<(), String> {
    if !exchange.request.is_named() {
        return Ok(());
    }
    let name = &exchange.request.text;
    let named = requests.get(name).ok_or_else(|| {
        let instead = suggestion::instead(name, requests.keys().map(String::as_str));
        let instead = if requests.is_empty() { ": write it as `GET /path`" } else { &instead };
        format!("the request `{name}` is not under [requests]{instead}")
    })?;
    if let NamedRequest::Table(RequestTable { starts, reads, varies, .. }) = named {
        exchange.starts |= starts;
        exchange.reads |= reads;
        exchange.varies.extend(varies.iter().cloned());
    }
    exchange.request = named.pattern().clone();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::conformance::kit::file::Kit;
    use crate::conformance::sample::kit;

    const REQUESTS: &str = "[requests]\npoll = 'GET /jobs/7'\n\
                            start = { request = 'POST /jobs', starts = true, varies = ['key'] }\n";

    fn text(requests: &str, request: &str) -> String {
        format!(
            "{requests}[[situation]]\nname = 'started'\ncall = 'trigger'\nresult = 'running'\n\
             [[situation.exchange]]\nrequest = '{request}'\n"
        )
    }

    #[test]
    fn a_request_is_said_once_with_what_is_true_of_it_everywhere() {
        let exchange = |request| kit(&text(REQUESTS, request)).situations[0].exchanges[0].clone();
        let start = exchange("start");
        assert_eq!((&*start.request.text, start.starts, &*start.varies), ("POST /jobs", true, &["key".to_owned()][..]));
        let poll = exchange("poll");
        assert_eq!((&*poll.request.text, poll.starts), ("GET /jobs/7", false));
    }

    #[test]
    fn a_name_that_is_not_there_is_told_with_one_that_is_like_it() {
        for (requests, request, problem) in [
            (
                REQUESTS,
                "strat",
                "the situation started: the request `strat` is not under [requests]: did you mean `start`?",
            ),
            ("", "poll", "the situation started: the request `poll` is not under [requests]: write it as `GET /path`"),
            (
                "[requests]\nPoll = 'GET /jobs'\n",
                "GET /jobs",
                "[requests] names \"Poll\": a name is of small letters, digits, _ and -, a letter first",
            ),
            (
                "[requests]\na = 'GET /jobs'\nb = 'a'\n",
                "a",
                "[requests] b is `a`: write a request there, such as `GET /path`",
            ),
        ] {
            assert_eq!(Kit::parse(&text(requests, request)).unwrap_err(), problem);
        }
        let odd = Kit::parse("[requests]\npoll = 7\n").unwrap_err();
        assert!(odd.contains("a request such as `GET /path`, or a table of `request`"), "{odd}");
    }
}
