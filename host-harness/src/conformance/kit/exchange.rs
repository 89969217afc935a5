//! Exchanges: a request that a plugin should send, and the tool's answer.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use serde::Deserialize;

use crate::conformance::kit::body_files::BodyFiles;
use crate::conformance::kit::pattern::Pattern;

/// An exchange, as a kit writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of the kit")]
pub(crate) struct Exchange {
    /// Method and path, such as `GET /v1/jobs/*`: `*` matches any one segment. Without a query, any query matches.
    pub(crate) request: Pattern,
    /// The answer's status.
    #[serde(default = "ok")]
    pub(crate) status: u16,
    /// Its headers, besides `Content-Type: application/json`, a `Date` and those that frame the body.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Its body.
    #[serde(default)]
    pub(crate) body: String,
    /// The file of the kit's folder that holds the body instead.
    #[serde(rename = "body-file")]
    pub(crate) body_file: Option<String>,
    /// True for the request that starts a run.
    #[serde(default)]
    pub(crate) starts: bool,
    /// True for a request that changes nothing despite its method, such as one for a token.
    #[serde(default)]
    pub(crate) reads: bool,
    /// True if it may come once, or never.
    #[serde(default)]
    pub(crate) optional: bool,
    /// The parts of the request's body that are others each time, by their names: a clock, a random key.
    #[serde(default)]
    pub(crate) varies: Vec<String>,
    /// True if it may come any number of times, or never: a page of an endless list.
    #[serde(default)]
    pub(crate) repeats: bool,
}

fn ok() -> u16 {
    200
}

impl Exchange {
    /// True if the request changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        self.reads || self.request.is_read()
    }

    /// True if the answer's status reports an error.
    pub(crate) fn failed(&self) -> bool {
        self.status >= 400
    }

    /// The flaw that makes the answer impossible.
    pub(crate) fn problem(&self) -> Option<String> {
        const FRAMING: [&str; 3] = ["connection", "content-length", "transfer-encoding"];
        if !(100..=599).contains(&self.status) {
            return Some(format!("{} is not a status: there are 100 to 599", self.status));
        }
        self.headers.iter().find_map(|(name, value)| {
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                Some(format!("{name:?} is not a header name"))
            } else if HeaderValue::from_str(value).is_err() {
                Some(format!("the header {name} has no value that can be sent: {value:?}"))
            } else {
                let framing = FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known));
                framing.then(|| format!("the header {name} is the server's own: leave it out"))
            }
        })
    }

    /// Reads the body from its file, if it has one.
    pub(crate) fn read_body(&mut self, files: &mut BodyFiles<'_>) -> Result<(), String> {
        let Some(name) = &self.body_file else { return Ok(()) };
        if !self.body.is_empty() {
            return Err("it has a `body` and a `body-file`: leave one out".to_owned());
        }
        self.body = files.text(name)?;
        Ok(())
    }

    /// True if it need not come.
    pub(crate) fn may_be_left_out(&self) -> bool {
        self.optional || self.repeats
    }

    /// True if the tool's words are in the body, literally or escaped in JSON.
    pub(crate) fn says(&self, words: &str) -> bool {
        let escaped = serde_json::Value::from(words).to_string();
        self.body.contains(words) || self.body.contains(&escaped[1..escaped.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(more: &str) -> Exchange {
        toml::from_str(&format!("request = 'GET /jobs'\n{more}")).unwrap()
    }

    #[test]
    fn what_no_answer_can_be_like_is_told() {
        for (more, problem) in [
            ("status = 700", "700 is not a status: there are 100 to 599"),
            ("headers = { 'retry after' = '1' }", "\"retry after\" is not a header name"),
            ("headers = { etag = \"a\\nb\" }", "the header etag has no value that can be sent: \"a\\nb\""),
            ("headers = { Content-Length = '1' }", "the header Content-Length is the server's own: leave it out"),
        ] {
            assert_eq!(exchange(more).problem().as_deref(), Some(problem));
        }
        assert_eq!(exchange("headers = { retry-after = '{now+60s}' }").problem(), None);
    }

    #[test]
    fn words_are_found_in_a_body_also_where_json_escapes_them() {
        let exchange = exchange(r#"body = '{"message": "no \"such\" job"}'"#);
        assert!(exchange.says(r#"no "such" job"#) && exchange.says("such") && !exchange.says("task"));
    }
}
